"""The ladder: when a question is repeated and who above the silent person hears of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

TARGETS = ("recipient", "lead", "supervisor")
"""Who a rung can be for, from below to above; a rung that finds nobody goes on to the next."""

TIMER = "ladder"
"""The kind of the one timer that every open question has: for its next rung or, after the last, for its lapse."""

GRACE = timedelta(minutes=10)
"""How long after its last rung a question waits for its owner to say that it is over, before it lapses by itself."""

_UNITS = {"": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SHIFTED = re.compile(r"(?P<base>deadline)?(?P<sign>[+-])(?P<count>\d{1,5})\s?(?P<unit>min|h|d|)")
_SHARE = re.compile(r"(?P<percent>\d{1,3})\s?%")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a policy's ladder. Offsets: see `due_at`."""

    offset: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a running ladder.

    `state`: due, sent, compressed (said together with an earlier one), unreachable (nobody to tell), cancelled.
    """

    number: int
    offset: str
    target: str
    due_at: datetime
    state: str = "due"
    staff_no: str | None = None
    sent_at: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """The staff numbers that a ladder climbs, fixed when it starts."""

    recipient: str
    lead: str | None = None
    supervisor: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One person to be told now. `passed` are the targets that had nobody, so that the rung came to this one."""

    rung: Rung
    target: str
    staff_no: str
    passed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wake:
    """When the ladder is looked at next; `rung` is the rung then due (the number of rungs when none is left)."""

    at: datetime
    rung: int


def due_at(offset: str, announced_at: datetime, deadline: datetime) -> datetime:
    """When a rung is due. Raises ValueError for an offset that is none.

    `+15min` counts from the announcement, `-2h` back from the deadline, `50%` is that share of the time between the
    two, `deadline` is the deadline and `deadline+15min` after it. Units: min (default), h, d.
    """
    if offset == "deadline":
        return deadline
    if share := _SHARE.fullmatch(offset):
        return announced_at + max(deadline - announced_at, timedelta()) * (int(share["percent"]) / 100)
    if shifted := _SHIFTED.fullmatch(offset):
        distance = int(shifted["count"]) * _UNITS[shifted["unit"]]
        signed = distance if shifted["sign"] == "+" else -distance
        from_deadline = shifted["base"] or shifted["sign"] == "-"
        return (deadline if from_deadline else announced_at) + signed
    raise ValueError(f"not a ladder offset: {offset!r}")


def schedule(ladder: Sequence[Step], announced_at: datetime, deadline: datetime, now: datetime) -> tuple[Rung, ...]:
    """The rungs of a ladder that starts now; those already past are compressed, the others still to come."""
    rungs = tuple(
        Rung(number=number, offset=step.offset, target=step.target, due_at=due_at(step.offset, announced_at, deadline))
        for number, step in enumerate(ladder)
    )
    return compress(rungs, now)


def compress(rungs: Sequence[Rung], now: datetime) -> tuple[Rung, ...]:
    """Of the rungs due by now, one for each target stays to be fired; what later ones would repeat is said with it."""
    due = sorted((rung for rung in rungs if is_due(rung, now)), key=lambda rung: (rung.due_at, rung.number))
    first = {rung.target: rung.number for rung in reversed(due)}
    spare = {rung.number for rung in due} - set(first.values())
    return tuple(
        replace(rung, state="compressed", sent_at=now, outcome=f"said-with-rung-{first[rung.target]}")
        if rung.number in spare
        else rung
        for rung in rungs
    )


def climb(
    rungs: Sequence[Rung], chain: Chain, gone: Collection[str], now: datetime
) -> tuple[tuple[Rung, ...], tuple[Call, ...]]:
    """Fire every rung due by now: the rungs afterwards, and who is to be told. `gone` are people who left."""
    after, calls = [], []
    for rung in compress(rungs, now):
        if not is_due(rung, now):
            after.append(rung)
            continue
        target, staff_no, passed = reach(rung.target, chain, gone)
        outcome = "-".join([*(f"no-{name}" for name in passed), f"told-{target}" if target else "told-nobody"])
        state = "sent" if target else "unreachable"
        after.append(replace(rung, state=state, staff_no=staff_no, sent_at=now, outcome=outcome))
        if target and staff_no:
            calls.append(Call(after[-1], target, staff_no, passed))
    return tuple(after), tuple(calls)


def revive(rungs: Sequence[Rung], target: str) -> tuple[Rung, ...]:
    """Rungs for a target that an answer had cancelled wait again: the owner says that the answer did not count."""
    return tuple(
        replace(rung, state="due", outcome=None) if rung.state == "cancelled" and rung.target == target else rung
        for rung in rungs
    )


def cancel(rungs: Sequence[Rung], reason: str, *, target: str | None = None) -> tuple[Rung, ...]:
    """What is still due (for one target) will not be said any more."""
    return tuple(
        replace(rung, state="cancelled", outcome=reason)
        if rung.state == "due" and target in (None, rung.target)
        else rung
        for rung in rungs
    )


def next_wake(rungs: Sequence[Rung], deadline: datetime) -> Wake:
    """When a ladder must be looked at again: at its next rung or, after the last, when it lapses."""
    pending = [rung for rung in rungs if rung.state == "due"]
    if pending:
        rung = min(pending, key=lambda rung: (rung.due_at, rung.number))
        return Wake(rung.due_at, rung.number)
    return Wake(max([deadline, *(rung.due_at for rung in rungs)]) + GRACE, len(rungs))


def is_due(rung: Rung, now: datetime) -> bool:
    """Whether a rung waits to be fired by now."""
    return rung.state == "due" and rung.due_at <= now


def reach(wanted: str, chain: Chain, gone: Collection[str]) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The first target from `wanted` upwards that is somebody, their staff number, and the targets passed over.

    Nobody is told of their own silence: a lead's own question goes on to the supervisor.
    """
    passed: list[str] = []
    for target in TARGETS[TARGETS.index(wanted) :]:
        staff_no: str | None = getattr(chain, target)
        themself = target != "recipient" and staff_no == chain.recipient
        if staff_no and staff_no not in gone and not themself:
            return target, staff_no, tuple(passed)
        passed.append(target)
    return None, None, tuple(passed)
