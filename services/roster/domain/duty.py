"""The duty manager: one post for each team with a rota of its own, and one for the centre; overrides lie over rotas."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from services.roster.domain.rota import Available, Rota, RotaSlot, turns

LONGEST_OVERRIDE = timedelta(days=31)
FAR = timedelta(days=40)
"""How far after an instant the end of its turn is looked for: past the longest override."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """Somebody stands in from an instant until another; the one made last holds. `kind`: `override` or `swap`."""

    override_id: UUID
    duty_id: UUID
    kind: str
    agent_id: UUID
    staff_no: str
    name: str
    starts_at: datetime
    ends_at: datetime
    reason: str | None = None
    made_by: str
    made_at: datetime
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A duty to be stood (`team_id` none: for the centre), with its rotas, one after the other.

    `told` counts the turns that were published; `told_staff_no` was the last of them.
    """

    duty_id: UUID
    team_id: UUID | None
    zone: str
    rotas: tuple[Rota, ...]
    set_by: str
    told: int = 0
    told_staff_no: str | None = None
    told_name: str | None = None
    version: int = 1
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Who really has the duty, rotas and overrides taken together. `source`: `rota`, `override` or `swap`."""

    starts_at: datetime
    ends_at: datetime
    staff_no: str
    source: str
    override_id: UUID | None = None
    reason: str | None = None


def with_rota(post: Post, rota: Rota, *, by: str, now: datetime) -> Post:
    """A new rota holds from its beginning on, instead of those that would begin later; earlier ones stay history."""
    kept = tuple(one for one in post.rotas if one.valid_from < rota.valid_from)
    return replace(post, rotas=(*kept, rota), set_by=by, version=post.version + 1, updated_at=now)


def stands(
    post: Post, overrides: Sequence[Override], starts_at: datetime, ends_at: datetime, available: Available
) -> list[Stand]:
    """Who has the duty within a span, in order; a stand may reach beyond it. Where nobody has it there is none."""
    wide_from, wide_to = starts_at - FAR, ends_at + FAR
    base = [*_base(post, wide_from, wide_to, available)]
    over = [
        one for one in overrides if one.cancelled_at is None and one.starts_at < wide_to and one.ends_at > wide_from
    ]
    marks = sorted({at for turn in base for at in (turn.starts_at, turn.ends_at)} | {*_ends_of(over)})
    begins = [turn.starts_at for turn in base]
    pieces = [
        stand for here, after in pairwise(marks) if (stand := _holding(_turn_at(base, begins, here), over, here, after))
    ]
    return [one for one in _joined(pieces) if one.starts_at < ends_at and starts_at < one.ends_at]


def _ends_of(overrides: Sequence[Override]) -> Iterator[datetime]:
    return (at for one in overrides for at in (one.starts_at, one.ends_at))


def _base(post: Post, starts_at: datetime, ends_at: datetime, available: Available) -> Iterator[Stand]:
    """The turns of every rota, each cut to the time in which its rota holds."""
    limits = [rota.valid_from for rota in post.rotas[1:]]
    for rota, limit in zip(post.rotas, [*limits, ends_at], strict=True):
        since, until = max(rota.valid_from, starts_at), min(limit, ends_at)
        for turn in turns(rota, since, until, available) if since < until else ():
            if turn.staff_no:
                cut = max(turn.starts_at, rota.valid_from), min(turn.ends_at, until)
                yield Stand(starts_at=cut[0], ends_at=cut[1], staff_no=turn.staff_no, source="rota")


def _turn_at(base: Sequence[Stand], begins: Sequence[datetime], here: datetime) -> Stand | None:
    """Turns are in order and do not overlap."""
    place = bisect_right(begins, here) - 1
    return base[place] if place >= 0 and here < base[place].ends_at else None


def _holding(turn: Stand | None, over: Sequence[Override], here: datetime, after: datetime) -> Stand | None:
    laid = [one for one in over if one.starts_at <= here < one.ends_at]
    if laid:
        top = max(laid, key=lambda one: (one.made_at, one.override_id))
        return Stand(
            starts_at=here,
            ends_at=after,
            staff_no=top.staff_no,
            source=top.kind,
            override_id=top.override_id,
            reason=top.reason,
        )
    return replace(turn, starts_at=here, ends_at=after) if turn else None


def _joined(pieces: Sequence[Stand]) -> list[Stand]:
    """One stand for as long as the same person has the duty by the same right."""
    found: list[Stand] = []
    for piece in pieces:
        last = found[-1] if found else None
        same = last and (last.ends_at, last.staff_no, last.override_id) == (
            piece.starts_at,
            piece.staff_no,
            piece.override_id,
        )
        if last and same and piece.source != "rota":
            found[-1] = replace(last, ends_at=piece.ends_at)
        else:
            found.append(piece)
    return found


def post_from(record: Any) -> Post:
    """A post from its stored record."""
    return Post(**{**record, "rotas": tuple(_rota_from(one) for one in json.loads(record["rotas"]))})


def post_record(post: Post) -> dict[str, Any]:
    """A post in its stored form."""
    plain = {name: getattr(post, name) for name in Post.__slots__}
    return plain | {"rotas": json.dumps([_rota_json(one) for one in post.rotas], ensure_ascii=False)}


def _rota_json(rota: Rota) -> dict[str, Any]:
    return {
        "from_on": str(rota.from_on),
        "to_on": str(rota.to_on) if rota.to_on else None,
        "zone": rota.zone,
        "slots": [
            {
                "starts": f"{slot.starts:%H:%M}",
                "ends": f"{slot.ends:%H:%M}",
                "weekdays": slot.weekdays,
                "rotation": slot.rotation,
            }
            for slot in rota.slots
        ],
        "rotation": rota.rotation,
        "rotate": rota.rotate,
        "valid_from": rota.valid_from.isoformat(),
    }


def _rota_from(raw: dict[str, Any]) -> Rota:
    return Rota(
        from_on=date.fromisoformat(raw["from_on"]),
        to_on=date.fromisoformat(raw["to_on"]) if raw["to_on"] else None,
        zone=raw["zone"],
        slots=tuple(_slot_from(slot) for slot in raw["slots"]),
        rotation=tuple(raw["rotation"]),
        rotate=raw["rotate"],
        valid_from=datetime.fromisoformat(raw["valid_from"]),
    )


def _slot_from(raw: dict[str, Any]) -> RotaSlot:
    return RotaSlot(
        starts=time.fromisoformat(raw["starts"]),
        ends=time.fromisoformat(raw["ends"]),
        weekdays=tuple(raw["weekdays"]),
        rotation=tuple(raw["rotation"]),
    )
