"""The customer asks again: a request to the handler of an open hand-off to say where it stands, and until when.

"Please wait" alone is no answer: what remains of the text without courtesies and appeals to patience has to say
something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.cases import ProgressAnswered, ProgressRequested
from shared.contracts.refusal import Fault, Refusal

STATES = ("open", "answered", "overtaken")
SAYS_SOMETHING = 4
"""How many letters or characters have to remain for a text to say where something stands."""

_EMPTY = (
    r"请?您?(?:再|继续|先)?(?:耐心)?(?:地)?(?:稍(?:作|微)?)?等(?:候|待|等|一等|一下|一会儿?|一段时间|几天|通知|消息|回复)?",
    r"稍(?:候|后|安勿躁)",
    r"(?:正在|尽快|会尽快|我们会|马上|继续|努力)?(?:为您)?(?:加急)?(?:处理|跟进|核实|查询|查|办理|催)(?:中|当中|着)?",
    r"(?:请)?(?:您)?(?:放心|谅解|理解|见谅|知悉|耐心)",
    r"(?:收到|好的|知道了|明白|已知悉|已收到|了解)",
    r"(?:谢谢|感谢)(?:您)?(?:的)?(?:理解|支持|配合|耐心)?",
    r"(?:抱歉|对不起|不好意思|您好|你好|客户|一下|尽快|目前|现在|还|仍|在|的|了|吧|啊|呢|哦|请|您|你|我们|亲)",
    r"please",
    r"(?:kindly )?(?:be patient|bear with us|hold on|stand by|stay tuned)",
    r"(?:just )?wait(?:ing)?(?: a (?:bit|moment|while|minute|little))?(?: longer| more)?",
    r"we(?:'re| are)?(?: still)?(?: (?:working|looking) (?:on|into) (?:it|this))",
    r"(?:in|being) (?:progress|processed?|handled)",
    r"(?:asap|as soon as possible|soon|thanks?|thank you|sorry|noted|received|ok(?:ay)?|sure|understood|hi|hello)",
    r"(?:for (?:your|the) (?:patience|understanding))",
    r"\b(?:it|is|be|will|we|are|the|to|and|for|still|your|you|processing|pending|checking)\b",
)
_EMPTY_WORDS = re.compile("|".join(f"(?:{pattern})" for pattern in _EMPTY), re.IGNORECASE)
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressRequest:
    """One request, the `nth` of its hand-off. `overtaken`: the hand-off ended before anybody answered."""

    progress_id: UUID
    case_id: UUID
    handoff_id: UUID
    nth: int
    state: str = "open"
    to_team_id: UUID
    to_team_name: str
    handler: str | None = None
    sender: str
    request: str
    contact_id: UUID | None = None
    requested_by: str
    requested_at: datetime
    due_at: datetime
    next_step_at: datetime | None
    chased: int = 0
    answered_at: datetime | None = None
    answered_by: str | None = None
    standing: str | None = None
    eta_at: datetime | None = None
    promise_id: UUID | None = None
    version: int = 1
    updated_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether the handler has yet to answer."""
        return self.state == "open"


def says_where_it_stands(text: str) -> bool:
    """Whether a text tells anything beyond "please wait", in Chinese or English."""
    rest = _NO_WORD.sub("", _EMPTY_WORDS.sub("", text))
    return len(rest) >= SAYS_SOMETHING


def require_answer(standing: str, eta_at: datetime, *, now: datetime) -> None:
    """Refuse an answer that says nothing, or whose new time has passed already."""
    faults = []
    if not says_where_it_stands(standing):
        faults.append(Fault("standing", "please-wait-is-no-answer", {}))
    if eta_at <= now:
        faults.append(Fault("eta_at", "eta-in-the-past", {}))
    if faults:
        raise Refusal(faults[0].code, faults=tuple(faults))


def requested(progress: ProgressRequest, facts: dict[str, Any]) -> tuple[ProgressRequest, ProgressRequested]:
    """The handler is asked where it stands."""
    return progress, ProgressRequested(**_fact(progress, facts), request=progress.request)


def answered(
    progress: ProgressRequest,
    facts: dict[str, Any],
    *,
    by: str,
    standing: str,
    eta_at: datetime,
    promise_id: UUID,
    now: datetime,
) -> tuple[ProgressRequest, ProgressAnswered]:
    """The handler says where it stands; `promise_id` is the sender's promise to tell the customer."""
    require_open(progress)
    after = _next(
        progress,
        now,
        state="answered",
        answered_at=now,
        answered_by=by,
        standing=standing,
        eta_at=eta_at,
        promise_id=promise_id,
        next_step_at=None,
    )
    event = ProgressAnswered(
        **_fact(after, facts),
        answered_at=now,
        answered_by=by,
        standing=standing,
        eta_at=eta_at,
        in_time=now <= progress.due_at,
        promise_id=promise_id,
    )
    return after, event


def overtaken(progress: ProgressRequest, *, now: datetime) -> ProgressRequest:
    """The hand-off ended; there is nobody to ask any more."""
    return _next(progress, now, state="overtaken", next_step_at=None)


def chased(progress: ProgressRequest, *, next_step_at: datetime, now: datetime) -> ProgressRequest:
    """One step of the chase was taken."""
    return _next(progress, now, chased=progress.chased + 1, next_step_at=next_step_at)


def require_open(progress: ProgressRequest) -> None:
    """Refuse what is answered or overtaken."""
    if not progress.is_open:
        raise Refusal("progress-not-open", state=progress.state)


def _fact(progress: ProgressRequest, facts: dict[str, Any]) -> dict[str, Any]:
    return facts | {
        "progress_id": progress.progress_id,
        "handoff_id": progress.handoff_id,
        "to_team_id": progress.to_team_id,
        "to_team_name": progress.to_team_name,
        "sender": progress.sender,
        "requested_at": progress.requested_at,
        "due_at": progress.due_at,
        "nth": progress.nth,
        "handler": progress.handler,
        "contact_id": progress.contact_id,
    }


def _next(progress: ProgressRequest, now: datetime, **changes: Any) -> ProgressRequest:
    return replace(progress, **changes, version=progress.version + 1, updated_at=max(now, progress.updated_at))
