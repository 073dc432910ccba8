"""The ladder: when each rung is due, what is said at once, who hears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain import ladder
from services.notify.domain.ladder import Chain, Rung, Step, due_at, next_wake, schedule
from services.notify.domain.shipped import SHIPPED

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
DEADLINE = START + timedelta(hours=8)
CHAIN = Chain(recipient="A001", lead="L001", supervisor="S001")
EVERYBODY = Chain(recipient="A001", lead="L001", supervisor="S001", manager="M001", duty_manager="D001")
ASKS = SHIPPED["roster.shift_change.announced.v1"].asks
SHIFT_CHANGE = ASKS.ladder if ASKS else ()


@pytest.mark.parametrize(
    ("offset", "minutes"),
    [
        ("+0", 0),
        ("+15min", 15),
        ("+15 min", 15),
        ("+2h", 120),
        ("+1d", 1440),
        ("50%", 240),
        ("75 %", 360),
        ("deadline", 480),
        ("-2h", 360),
        ("- 2h", None),
        ("deadline-30min", 450),
        ("deadline+15min", 495),
    ],
)
def test_an_offset_counts_from_the_announcement_or_the_deadline(offset: str, minutes: int | None) -> None:
    if minutes is None:
        with pytest.raises(ValueError, match="not a ladder offset"):
            due_at(offset, START, DEADLINE)
    else:
        assert due_at(offset, START, DEADLINE) == START + timedelta(minutes=minutes)


@pytest.mark.parametrize("nonsense", ["", "soon", "%", "150", "+1w", "deadline+", "1e3%"])
def test_an_offset_that_is_none_is_refused(nonsense: str) -> None:
    with pytest.raises(ValueError, match="not a ladder offset"):
        due_at(nonsense, START, DEADLINE)


def states(rungs: tuple[Rung, ...]) -> list[str]:
    return [rung.state for rung in rungs]


def test_a_fresh_ladder_asks_at_once_and_waits_with_the_rest() -> None:
    rungs = schedule(SHIFT_CHANGE, START, DEADLINE, START)
    assert [rung.due_at for rung in rungs] == [START + timedelta(hours=hours) for hours in (0, 4, 6, 8)]
    after, calls = ladder.climb(rungs, CHAIN, (), START)
    assert states(after) == ["sent", "due", "due", "due"]
    assert [(call.target, call.staff_no) for call in calls] == [("recipient", "A001")]


def test_rungs_already_past_become_one_immediate_message_for_each_target() -> None:
    rungs = schedule(SHIFT_CHANGE, START, DEADLINE, START + timedelta(hours=7))
    assert states(rungs) == ["due", "compressed", "due", "due"]
    after, calls = ladder.climb(rungs, CHAIN, (), START + timedelta(hours=7))
    assert [call.staff_no for call in calls] == ["A001", "L001"]
    assert states(after) == ["sent", "compressed", "sent", "due"]


def test_a_change_at_ten_in_the_evening_for_six_still_sends_the_notice_and_every_rung_not_yet_past() -> None:
    announced = datetime(2026, 3, 2, 14, tzinfo=UTC)
    rungs = schedule(SHIFT_CHANGE, announced, announced + timedelta(hours=8), announced)
    fired = [ladder.climb(rungs, CHAIN, (), rung.due_at)[1] for rung in rungs]
    assert all(fired)


def test_a_deadline_that_has_passed_tells_everybody_at_once() -> None:
    rungs = schedule(SHIFT_CHANGE, START, START - timedelta(hours=1), START)
    _, calls = ladder.climb(rungs, CHAIN, (), START)
    assert sorted(call.staff_no for call in calls) == ["A001", "L001", "S001"]


@pytest.mark.parametrize(
    ("chain", "gone", "heard", "outcome"),
    [
        (CHAIN, (), "L001", "told-lead"),
        (Chain(recipient="A001", supervisor="S001"), (), "S001", "no-lead-told-supervisor"),
        (CHAIN, ("L001",), "S001", "no-lead-told-supervisor"),
        (Chain(recipient="L001", lead="L001", supervisor="S001"), (), "S001", "no-lead-told-supervisor"),
        (Chain(recipient="A001"), (), None, "no-lead-no-supervisor-no-duty-manager-no-manager-told-nobody"),
    ],
)
def test_a_rung_without_anybody_goes_on_at_once_and_says_so(
    chain: Chain, gone: tuple[str, ...], heard: str | None, outcome: str
) -> None:
    [rung], calls = ladder.climb(schedule([Step("+0", "lead")], START, DEADLINE, START), chain, gone, START)
    assert (rung.staff_no, rung.outcome) == (heard, outcome)
    assert [call.staff_no for call in calls] == ([heard] if heard else [])


def test_after_the_last_rung_a_question_waits_a_little_for_its_owner() -> None:
    rungs, _ = ladder.climb(schedule(SHIFT_CHANGE, START, DEADLINE, START), CHAIN, (), DEADLINE)
    assert next_wake(rungs, DEADLINE) == ladder.Wake(DEADLINE + ladder.GRACE, 4)


OFFSETS = st.one_of(
    st.sampled_from(["+0", "50%", "75%", "deadline", "-2h", "+15min", "deadline+15min"]),
    st.integers(0, 100).map(lambda share: f"{share}%"),
    st.integers(0, 2000).map(lambda minutes: f"+{minutes}min"),
    st.integers(0, 2000).map(lambda minutes: f"-{minutes}min"),
)
LADDERS = st.lists(st.builds(Step, OFFSETS, st.sampled_from(ladder.TARGETS)), min_size=1, max_size=6)
SPANS = st.integers(-60, 3000).map(lambda minutes: timedelta(minutes=minutes))
JUMPS = st.lists(st.integers(0, 900), max_size=12)
PEOPLE = st.sampled_from(sorted(EVERYBODY.people))


@given(LADDERS, SPANS, SPANS, JUMPS)
def test_whatever_the_clock_does_each_rung_is_settled_once_and_nobody_is_told_twice_at_a_time(
    steps: list[Step], window: timedelta, late: timedelta, jumps: list[int]
) -> None:
    deadline, now = START + window, START + max(late, timedelta())
    rungs = schedule(steps, START, deadline, now)
    told: list[int] = []
    for jump in [0, *jumps]:
        now += timedelta(minutes=jump)
        before = states(rungs)
        rungs, calls = ladder.climb(rungs, CHAIN, (), now)
        assert len({call.rung.target for call in calls}) == len(calls)
        assert all(was == "due" or was == now_ for was, now_ in zip(before, states(rungs), strict=True))
        told += [call.rung.number for call in calls]
        wake = next_wake(rungs, deadline)
        assert wake.at > now or wake.rung == len(rungs)
    assert len(told) == len(set(told))
    assert all(rung.state != "due" or rung.due_at > now for rung in rungs)


@given(LADDERS, SPANS, JUMPS, st.frozensets(PEOPLE), st.booleans())
def test_whoever_left_and_whatever_channel_is_missing_a_due_rung_reaches_the_next_or_says_nobody(
    steps: list[Step], window: timedelta, jumps: list[int], gone: frozenset[str], exhausted: bool
) -> None:
    deadline, now = START + window, START
    rungs = schedule(steps, START, deadline, now)
    for jump in [0, *jumps]:
        now += timedelta(minutes=jump)
        rungs, calls = ladder.climb(rungs, EVERYBODY, gone, now, exhausted=exhausted)
        for call in calls:
            assert call.staff_no not in gone
            assert ladder.TARGETS.index(call.target) >= ladder.TARGETS.index(call.rung.target)
            assert not (exhausted and call.target == ladder.NEXT_CHANNEL)
            assert all(
                f"no-{name.replace(',', '').replace(' ', '-')}" in str(call.rung.outcome) for name in call.passed
            )
    for rung in rungs:
        if rung.state == "unreachable":
            assert {"L001", "S001", "D001", "M001"} & gone
            assert rung.outcome is not None
            assert rung.outcome.endswith("told-nobody")


@given(LADDERS)
def test_a_ladder_that_is_accepted_is_kept_as_it_is(steps: list[Step]) -> None:
    kept = ladder.placed(steps)
    assert ladder.placed(kept) == kept
    if not ladder.faults_in(kept):
        rungs = schedule(kept, START, START + timedelta(days=60), START)
        assert [rung.due_at for rung in rungs if "%" not in rung.offset] == sorted(
            rung.due_at for rung in rungs if "%" not in rung.offset
        )


@pytest.mark.parametrize(
    ("steps", "codes"),
    [
        (
            [
                Step("+0", "recipient"),
                Step("-2 h", "lead"),
                Step("deadline", "duty_manager"),
                Step("+15 min", "manager"),
            ],
            [],
        ),
        ([Step("deadline", "lead"), Step("50%", "lead")], ["rung-out-of-order"]),
        ([Step("whenever", "lead")], ["offset-invalid"]),
        ([Step("+0", "boss")], ["target-unknown"]),
    ],
)
def test_what_is_wrong_with_a_ladder(steps: list[Step], codes: list[str]) -> None:
    assert [fault.code for fault in ladder.faults_in(ladder.placed(steps))] == codes
