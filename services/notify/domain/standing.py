"""How a question stands for the person who looks at its link: one word that decides what the page says."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

Standing = Literal["open", "given", "refused", "replaced", "over", "late"]

_ENDED: dict[str, Standing] = {"superseded": "replaced", "withdrawn": "over", "expired": "late"}
_BY_REASON: dict[str, Standing] = {"confirmed": "given", "refused": "refused", "superseded": "replaced"}


def standing(
    *, state: str, answer: str | None, reason: str | None, subject_state: str, deadline: datetime, now: datetime
) -> Standing:
    """Where a question stands. What the owner of the matter says outweighs an answer that did not reach it in time."""
    if ended := _ENDED.get(subject_state):
        return ended
    if state == "answered":
        return "given" if answer == "given" else "refused"
    if state == "withdrawn":
        return _BY_REASON.get(reason or "", "over")
    return "open" if state == "open" and now < deadline else "late"
