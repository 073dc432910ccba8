"""Topics: what contacts and cases are about, as a tree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.contracts.refusal import Fault, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic. `parent` is the code of the topic above it; `owner_team` the code of the team that answers for it.

    `urgency` and `importance` are what its cases have at least, unless somebody says otherwise.
    """

    topic_id: UUID
    code: str
    name: str
    parent: str | None
    owner_team: str | None
    urgency: str | None = None
    importance: str | None = None
    version: int
    updated_at: datetime


def require_place(code: str, parent: str | None, parents: Mapping[str, str | None]) -> None:
    """Refuse a parent that does not exist, or that stands below the topic itself. `parents` maps every code up."""
    if parent is None:
        return
    if parent not in parents:
        raise Refusal("invalid-value", faults=(Fault("parent", "topic-unknown", {"topic": parent}),))
    above: str | None = parent
    while above is not None:
        if above == code:
            raise Refusal("topic-cycle", topic=code, parent=parent)
        above = parents[above]
