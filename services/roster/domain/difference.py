"""Why an agent does not answer for what is planned."""

from __future__ import annotations

from collections.abc import Mapping

from services.roster.domain.change import ShiftChange

WORDS: Mapping[str, Mapping[str, str]] = {
    "not_asked": {"zh-CN": "尚未就此询问本人。", "en": "The agent has not been asked about it."},
    "unanswered": {"zh-CN": "本人尚未答复。", "en": "The agent has not answered yet."},
    "refused": {"zh-CN": "本人已拒绝，待主管处理。", "en": "The agent refused; a supervisor has yet to decide."},
    "expired": {"zh-CN": "逾期未答复，待主管处理。", "en": "Nobody answered in time; a supervisor has yet to decide."},
    "insisted": {
        "zh-CN": "主管坚持原安排，本人仍未确认。",
        "en": "The supervisor insists; the agent has not confirmed.",
    },
    "superseded": {"zh-CN": "已被新版班表取代，尚未确认。", "en": "A newer version replaced the question unanswered."},
    "over": {"zh-CN": "询问已结束，本人没有确认。", "en": "The question is over; the agent did not confirm."},
}


def reason_of(change: ShiftChange | None) -> str:
    """The reason (see `WORDS`), by the change that asked about the day."""
    if change is None:
        return "not_asked"
    if change.is_open:
        return "unanswered"
    if change.resolution and change.resolution.action == "insist":
        return "insisted"
    if change.is_unresolved or change.state == "superseded":
        return change.state
    return "over"
