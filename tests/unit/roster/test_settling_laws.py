"""Settlement's laws: one result whatever the order and repetition; what excuses; night shifts and changed clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.roster.domain.adherence import measured
from services.roster.domain.attendance import Notice, Punch, settle
from services.roster.domain.code import Break, Codebook, ShiftCode
from services.roster.domain.correction import Correction, corrected
from services.roster.domain.excuse import Evidence, judged
from services.roster.domain.leave import Leave
from services.roster.domain.measure import done_by
from services.roster.domain.schedule import Planned, breaks_of, in_force, schedule_of
from services.roster.domain.shift import Shift
from services.roster.domain.states import STATES, WORKING, AgentState, timeline, times_in
from shared.contracts.roster import Cell
from shared.platform.ids import stable_id

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 3)
MIDNIGHT = datetime(2026, 3, 3, tzinfo=SHANGHAI).astimezone(UTC)
MINUTE = timedelta(minutes=1)


def at(minute: int) -> datetime:
    return MIDNIGHT + minute * MINUTE


def cell(starts: int, ends: int, code: str = "X") -> Cell:
    return Cell(code=code, starts_at=at(starts), ends_at=at(ends))


EARLY, LATE, OFF = cell(540, 1080, "早"), cell(840, 1320, "晚"), Cell(code="休")
UNANSWERED = Notice(state="expired", reached=True)

sides = st.sampled_from([None, OFF, EARLY, LATE, cell(1320, 1800, "夜")])
minutes = st.integers(300, 1620)
punches = st.lists(st.tuples(minutes, st.sampled_from(["in", "out"])), max_size=6)
reports = st.lists(st.tuples(minutes, st.integers(1, 300), st.sampled_from(STATES)), max_size=6)
hours = st.tuples(minutes, st.integers(1, 600))
leave = st.lists(st.one_of(st.none(), hours), max_size=2)


def shift(planned: Cell | None, accountable: Cell | None) -> Shift:
    return Shift(agent_id=stable_id("a"), on=DAY, team_id=stable_id("t"), planned=planned, accountable=accountable)


def away(span: tuple[int, int] | None, on: date = DAY) -> Leave:
    return Leave(
        leave_id=stable_id("leave", span),
        agent_id=stable_id("a"),
        staff_no="A001",
        agent_name="",
        team_id=stable_id("t"),
        kind="annual",
        from_on=on,
        to_on=on,
        starts_at=at(span[0]) if span else None,
        ends_at=at(span[0] + span[1]) if span else None,
        state="approved",
        requested_by="A001",
        requested_at=MIDNIGHT,
        decide_by=MIDNIGHT,
        updated_at=MIDNIGHT,
    )


def correction(came: int | None = None, went: int | None = None) -> Correction:
    return Correction(
        correction_id=stable_id("c", came, went),
        attendance_id=stable_id("at"),
        revision=1,
        agent_id=stable_id("a"),
        staff_no="A001",
        agent_name="",
        team_id=stable_id("t"),
        shift_on=DAY,
        came_at=None if came is None else at(came),
        went_at=None if went is None else at(went),
        reason="",
        state="approved",
        requested_by="A001",
        requested_at=MIDNIGHT,
        decide_by=MIDNIGHT,
        updated_at=MIDNIGHT,
    )


def evidence(
    found: list[tuple[int, str]], seen: list[tuple[int, int, str]], granted: list[tuple[int, int] | None]
) -> Evidence:
    line = timeline(AgentState(at(start), at(start + length), state) for start, length, state in seen)
    return Evidence(
        punches=[Punch(at(minute), kind) for minute, kind in found],
        at_work=times_in(line, WORKING),
        notice=UNANSWERED,
        leave=[away(span) for span in granted],
    )


@given(sides, sides, punches, reports, leave, st.randoms(use_true_random=False))
def test_every_order_and_repetition_of_what_is_reported_gives_one_result(
    planned: Cell | None,
    accountable: Cell | None,
    found: list[tuple[int, str]],
    seen: list[tuple[int, int, str]],
    granted: list[tuple[int, int] | None],
    random: st.DataObject,
) -> None:
    def result(found: list[tuple[int, str]], seen: list[tuple[int, int, str]]) -> object:
        known = evidence(found, seen, granted)
        day = shift(planned, accountable)
        line = timeline(AgentState(at(start), at(start + length), state) for start, length, state in seen)
        plan = in_force([Planned(number=1, since=MIDNIGHT - timedelta(days=9), cell=planned)], ())
        done, source = done_by(day, known, line)
        figures = measured(schedule_of(plan, DAY, known.leave), done)
        return judged(day, known, zone=SHANGHAI, tolerance_minutes=5), figures, source

    mixed_punches, mixed_states = [*found, *found], [*seen, *seen]
    random.shuffle(mixed_punches)  # type: ignore[attr-defined]
    random.shuffle(mixed_states)  # type: ignore[attr-defined]
    assert result(mixed_punches, mixed_states) == result(found, seen)


@given(sides, sides, punches, reports, leave)
def test_leave_never_makes_anybody_guilty_and_names_itself_only_where_it_excuses(
    planned: Cell | None,
    accountable: Cell | None,
    found: list[tuple[int, str]],
    seen: list[tuple[int, int, str]],
    granted: list[tuple[int, int] | None],
) -> None:
    day = shift(planned, accountable)
    without = judged(day, evidence(found, seen, []), zone=SHANGHAI, tolerance_minutes=5)
    with_leave = judged(day, evidence(found, seen, granted), zone=SHANGHAI, tolerance_minutes=5)
    assert (with_leave.cause == "excused") == (with_leave.leave_id is not None)
    if without.cause != "agent":
        assert with_leave.cause != "agent"
    if without.deviation == "none":
        assert with_leave == without


def test_whole_days_of_leave_excuse_who_stays_away_and_hours_excuse_those_hours() -> None:
    absent = judged(shift(EARLY, EARLY), evidence([], [], [None]), zone=SHANGHAI, tolerance_minutes=5)
    assert (absent.deviation, absent.deviation_minutes, absent.cause) == ("absent", 540, "excused")
    afternoon = (840, 240)
    left = judged(
        shift(EARLY, EARLY), evidence([(540, "in"), (840, "out")], [], [afternoon]), zone=SHANGHAI, tolerance_minutes=5
    )
    assert (left.deviation, left.deviation_minutes, left.cause) == ("left_early", 240, "excused")
    late_too = judged(
        shift(EARLY, EARLY), evidence([(570, "in"), (840, "out")], [], [afternoon]), zone=SHANGHAI, tolerance_minutes=5
    )
    assert (late_too.deviation, late_too.deviation_minutes, late_too.cause, late_too.leave_id) == (
        "late",
        30,
        "agent",
        None,
    )


@given(sides, sides, punches, st.one_of(st.none(), minutes), st.one_of(st.none(), minutes))
def test_an_approved_correction_leaves_nothing_to_blame(
    planned: Cell | None,
    accountable: Cell | None,
    found: list[tuple[int, str]],
    came: int | None,
    went: int | None,
) -> None:
    known = Evidence(
        punches=[Punch(at(minute), kind) for minute, kind in found],
        notice=UNANSWERED,
        corrections=[correction(came, went)],
    )
    outcome = judged(shift(planned, accountable), known, zone=SHANGHAI, tolerance_minutes=5)
    assert outcome.cause == (None if outcome.deviation == "none" else "excused")
    assert outcome.correction_id == correction(came, went).correction_id


@given(punches, minutes, minutes)
def test_corrected_punches_begin_and_end_as_the_correction_says(
    found: list[tuple[int, str]], one: int, other: int
) -> None:
    came, went = min(one, other), max(one, other) + 1
    true = corrected([Punch(at(minute), kind) for minute, kind in found], correction(came, went))
    assert (true[0], true[-1]) == (Punch(at(came), "in"), Punch(at(went), "out"))


@pytest.mark.parametrize(
    ("planned", "accountable", "found", "notice", "cause"),
    [
        (EARLY, EARLY, [], Notice(state="confirmed", reached=True), "agent"),
        (LATE, EARLY, [(540, "in"), (1080, "out")], Notice(state="pending"), "management"),
        (LATE, EARLY, [(540, "in"), (1080, "out")], Notice(state="refused", reached=True), "management"),
        (LATE, None, [], Notice(state="confirmed", late_notice=True, reached=True), "management"),
        (LATE, EARLY, [(540, "in"), (1080, "out")], Notice(state="expired", failed=True), "system"),
        (LATE, None, [], Notice(state="expired", failed=True), "system"),
        (LATE, EARLY, [], Notice(state="expired", failed=True), "agent"),
    ],
)
def test_blame_follows_the_accountable_shift(
    planned: Cell, accountable: Cell | None, found: list[tuple[int, str]], notice: Notice, cause: str
) -> None:
    moments = [Punch(at(minute), kind) for minute, kind in found]
    assert settle(planned, accountable, moments, notice).cause == cause


ZONES = ("Europe/Berlin", "America/New_York", "Asia/Shanghai")
DAYS = (date(2026, 3, 28), date(2026, 3, 7), date(2026, 10, 24), date(2026, 10, 31), date(2026, 6, 1))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.sampled_from(DAYS),
    st.sampled_from([(time(22), time(6)), (time(20), time(8)), (time(23, 30), time(7, 30))]),
    st.integers(0, 4),
)
def test_a_night_shift_lasts_as_long_as_the_clock_on_the_wall_says(
    zone_name: str, on: date, span: tuple[time, time], pause: int
) -> None:
    """Walking minute by minute: at work from the first reading of the start to the first reading of the end."""
    zone = ZoneInfo(zone_name)
    starts = datetime.combine(on + timedelta(days=1), time(pause), zone)
    rest = Break(starts=time(pause), ends=time(pause, 30))
    code = ShiftCode(
        code_id=stable_id("n"), code="夜", name="", starts=span[0], ends=span[1], breaks=(rest,), updated_at=MIDNIGHT
    )
    night = Codebook([code], zone).cell("夜", on)
    assert night
    assert night.starts_at
    assert night.ends_at
    begin, end = datetime.combine(on, span[0]), datetime.combine(on + timedelta(days=1), span[1])
    here, worked = datetime.combine(on, time(12), zone).astimezone(UTC), 0
    for _ in range(36 * 60):
        wall = here.astimezone(zone).replace(tzinfo=None)
        on_shift = begin <= wall < end
        assert on_shift == (night.starts_at <= here < night.ends_at)
        worked += on_shift
        here += MINUTE
    assert worked == (night.ends_at - night.starts_at) / MINUTE
    skipped = starts.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != starts.replace(tzinfo=None)
    if not skipped and worked:
        [taken] = breaks_of(code, night, on, zone) or [None]
        if taken:
            assert taken[0].astimezone(zone).time() == rest.starts
            assert night.starts_at <= taken[0] < taken[1] <= night.ends_at
