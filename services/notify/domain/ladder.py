"""The ladder: when a question is repeated and who above the silent person hears of it."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from shared.contracts.refusal import Fault

RECIPIENT = "recipient"
NEXT_CHANNEL = "recipient, next channel"
DUTY_MANAGER = "duty manager"
TARGETS = (RECIPIENT, NEXT_CHANNEL, "lead", "supervisor", DUTY_MANAGER, "manager")
"""Who a rung can be for, from below to above; a rung that finds nobody (or no further channel) goes on to the next."""

TIMER = "ladder"
"""The kind of the one timer that every open question has: for its next rung or, after the last, for its lapse."""

GRACE = timedelta(minutes=10)
"""How long after its last rung a question waits for its owner to say that it is over, before it lapses by itself."""

LONGEST = 12
"""How many rungs a ladder has at most."""

_UNITS = {"": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_SHIFTED = re.compile(r"(?P<base>deadline\s?)?(?P<sign>[+-])(?P<count>\d{1,5})\s?(?P<unit>min|h|d|)")
_SHARE = re.compile(r"(?P<percent>\d{1,3})\s?%")


_ZERO = datetime(2000, 1, 1, tzinfo=UTC)
_TARGETS_MEANT = {"duty_manager": DUTY_MANAGER, "recipient_next_channel": NEXT_CHANNEL}


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
    """The staff numbers that a ladder climbs, fixed when it starts.

    All but the duty manager, who is whoever is on duty at the moment of the rung.
    """

    recipient: str
    lead: str | None = None
    supervisor: str | None = None
    manager: str | None = None
    duty_manager: str | None = None

    def who(self, target: str) -> str | None:
        """The staff number behind a target."""
        if target in (RECIPIENT, NEXT_CHANNEL):
            return self.recipient
        staff_no: str | None = getattr(self, target.replace(" ", "_"))
        return staff_no

    @property
    def people(self) -> frozenset[str]:
        """Everybody in it."""
        return frozenset(name for target in TARGETS if (name := self.who(target)))


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


def placed(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Steps as they are kept: `duty_manager` and `recipient_next_channel` as their targets are called.

    A `+15min` that stands after a step counted from the deadline counts from the deadline, too.
    """
    kept: list[Step] = []
    for step in steps:
        late = any("deadline" in earlier.offset or earlier.offset.startswith("-") for earlier in kept)
        offset = f"deadline{step.offset}" if late and step.offset.startswith("+") else step.offset
        kept.append(Step(offset, _TARGETS_MEANT.get(step.target, step.target)))
    return tuple(kept)


def faults_in(steps: Sequence[Step]) -> list[Fault]:
    """What is wrong with a ladder: an offset that is none, an unknown target, a rung before the one below it."""
    faults, highest = [], (-1, timedelta())
    for number, step in enumerate(steps):
        place = _place(step.offset)
        if place is None:
            faults.append(Fault(f"ladder.{number}.offset", "offset-invalid", {"offset": step.offset}))
        elif place < highest:
            faults.append(Fault(f"ladder.{number}.offset", "rung-out-of-order", {"offset": step.offset}))
        highest = max(highest, place or highest)
        if step.target not in TARGETS:
            faults.append(Fault(f"ladder.{number}.target", "target-unknown", {"target": step.target}))
    return faults


def span(text: str) -> timedelta:
    """A length of time as offsets write it, without a sign: `4h`, `30 min`. Raises ValueError when it is none."""
    return due_at(f"+{text}", _ZERO, _ZERO) - _ZERO


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
    first = {_hearer(rung.target): rung.number for rung in reversed(due)}
    spare = {rung.number for rung in due} - set(first.values())
    return tuple(
        replace(rung, state="compressed", sent_at=now, outcome=f"said-with-rung-{first[_hearer(rung.target)]}")
        if rung.number in spare
        else rung
        for rung in rungs
    )


def climb(
    rungs: Sequence[Rung], chain: Chain, gone: Collection[str], now: datetime, *, exhausted: bool = False
) -> tuple[tuple[Rung, ...], tuple[Call, ...]]:
    """Fire every rung due by now: the rungs afterwards, and who is to be told.

    `gone` are people who left; `exhausted`: the recipient has no channel that was not tried.
    """
    after, calls = [], []
    for rung in compress(rungs, now):
        if not is_due(rung, now):
            after.append(rung)
            continue
        target, staff_no, passed = reach(rung.target, chain, gone, exhausted=exhausted)
        outcome = "-".join([*(f"no-{_slug(name)}" for name in passed), f"told-{_slug(target or 'nobody')}"])
        state = "sent" if target else "unreachable"
        after.append(replace(rung, state=state, staff_no=staff_no, sent_at=now, outcome=outcome))
        if target and staff_no:
            calls.append(Call(after[-1], target, staff_no, passed))
    return tuple(after), tuple(calls)


def revive(rungs: Sequence[Rung], target: str) -> tuple[Rung, ...]:
    """Rungs from a target upwards that an answer had cancelled wait again: by its owner's word it did not count."""
    above = TARGETS[TARGETS.index(target) :]
    return tuple(
        replace(rung, state="due", outcome=None) if rung.state == "cancelled" and rung.target in above else rung
        for rung in rungs
    )


def cancel(rungs: Sequence[Rung], reason: str, *, target: str | None = None) -> tuple[Rung, ...]:
    """What is still due (for one target) will not be said any more."""
    return tuple(
        replace(rung, state="cancelled", outcome=reason)
        if rung.state == "due" and target in (None, _hearer(rung.target))
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


def _place(offset: str) -> tuple[int, timedelta] | None:
    """Where an offset stands among others: after the announcement, a share of the time, around the deadline."""
    try:
        if _SHARE.fullmatch(offset):
            return 1, due_at(offset, _ZERO, _ZERO + timedelta(days=1)) - _ZERO
        around = "deadline" in offset or offset.startswith("-")
        return (2 if around else 0), due_at(offset, _ZERO, _ZERO) - _ZERO
    except ValueError:
        return None


def is_due(rung: Rung, now: datetime) -> bool:
    """Whether a rung waits to be fired by now."""
    return rung.state == "due" and rung.due_at <= now


def reach(
    wanted: str, chain: Chain, gone: Collection[str], *, exhausted: bool = False
) -> tuple[str | None, str | None, tuple[str, ...]]:
    """The first target from `wanted` upwards that is somebody, their staff number, and the targets passed over.

    Nobody is told of their own silence: a lead's own question goes on to the supervisor.
    """
    passed: list[str] = []
    for target in TARGETS[TARGETS.index(wanted) :]:
        if target == NEXT_CHANNEL and (wanted != NEXT_CHANNEL or exhausted):
            passed += [target] if wanted == NEXT_CHANNEL else []
            continue
        staff_no = chain.who(target)
        themself = not is_recipient(target) and staff_no == chain.recipient
        if staff_no and staff_no not in gone and not themself:
            return target, staff_no, tuple(passed)
        passed.append(target)
    return None, None, tuple(passed)


def is_recipient(target: str) -> bool:
    """Whether a target is the person asked, on whatever channel."""
    return target in (RECIPIENT, NEXT_CHANNEL)


def _hearer(target: str) -> str:
    return RECIPIENT if is_recipient(target) else target


def _slug(target: str) -> str:
    return target.replace(",", "").replace(" ", "-")
