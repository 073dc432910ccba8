"""What to do next about a shift change that waits: who, what, and until when the others have their turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.roster.domain.change import OPEN, Delivery, Escalation

WORDS: Mapping[str, Mapping[str, str]] = {
    "phone_agent": {
        "zh-CN": "消息未送达本人：请打电话告知，并登记答复。",
        "en": "The notice did not arrive: phone the agent and record the answer.",
    },
    "phone_at_once": {
        "zh-CN": "临时变动，时间不足：请立即打电话确认，并登记答复。",
        "en": "Late notice: phone the agent at once and record the answer.",
    },
    "ask_in_person": {
        "zh-CN": "催办已上报：请当面或打电话询问，并登记答复。",
        "en": "The silence was escalated: ask the agent in person or by phone and record the answer.",
    },
    "wait_for_delivery": {"zh-CN": "等待消息送达。", "en": "Wait for the notice to arrive."},
    "wait_for_answer": {
        "zh-CN": "等待本人答复，到期前会自动催办。",
        "en": "Wait for the answer; reminders go out by themselves.",
    },
    "resolve_refusal": {
        "zh-CN": "本人已拒绝：请撤回、改派他人或坚持原安排。",
        "en": "The agent refused: withdraw, reassign or insist.",
    },
    "resolve_silence": {
        "zh-CN": "逾期未答复：请联系本人，再撤回、改派他人或坚持原安排。",
        "en": "Nobody answered in time: reach the agent, then withdraw, reassign or insist.",
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What is looked at of a change that waits for an answer or for a decision."""

    state: str
    late_notice: bool
    confirm_by: datetime
    first_start_at: datetime
    last_delivery: Delivery | None = None
    escalation: Escalation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What to do (see `WORDS`), whose turn it is (`agent`, `lead` or `supervisor`), and by when."""

    action: str
    who: str
    by: datetime


def next_step(change: Waiting) -> NextStep:
    """What to do next about a change that waits for an answer or for a decision."""
    if change.state not in OPEN:
        action = "resolve_refusal" if change.state == "refused" else "resolve_silence"
        return NextStep(action=action, who="supervisor", by=change.first_start_at)
    action, who = _about_open(change)
    return NextStep(action=action, who=who, by=change.confirm_by)


def _about_open(change: Waiting) -> tuple[str, str]:
    if change.last_delivery and change.last_delivery.outcome == "failed":
        return "phone_agent", "lead"
    if change.late_notice:
        return "phone_at_once", "supervisor"
    if change.escalation:
        return "ask_in_person", change.escalation.target
    return ("wait_for_delivery" if change.state == "pending" else "wait_for_answer"), "agent"
