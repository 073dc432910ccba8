"""SLA clocks: against an oracle that walks minute by minute, and one test for each known defect of other desks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.cases.domain import sla_clock as clocks
from services.cases.domain.sla_clock import Clock, Terms
from services.cases.domain.sla_policy import Target, target_for
from services.cases.domain.working_time import WorkingTime, counted
from services.cases.queries.working_hours import hours_from
from shared.platform.calendar import windows_on
from shared.platform.ids import new_id

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OFFICE = [{"start": "09:00", "end": "18:00"}]
NEVER = 10**6


def calendar(windows: dict[str, list[dict[str, str]]] | None = None, **more: object) -> str:
    """A stored calendar; office hours from Monday to Friday unless told otherwise."""
    whole = {"zone": None, "windows": windows or dict.fromkeys(DAYS[:5], OFFICE), "make_up": [], "overrides": []}
    return json.dumps({**whole, "holidays": False, **more})


def terms(body: str, minutes: int = 120, version: int = 1, zone: str = "Asia/Shanghai") -> Terms:
    """Terms on a calendar; the calendar stands in their `calendar` field so that `hours_of` finds it."""
    return Terms(
        policy="p",
        policy_version=version,
        target_seconds=minutes * 60,
        calendar=body,
        calendar_version=version,
        zone=zone,
        warn_percent=(75,),
        escalate_after_minutes=(60,),
    )


def hours_of(one: Terms) -> WorkingTime:
    return hours_from(one.calendar, one.zone)


def local(text: str, zone: str = "Asia/Shanghai") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def started(on: Terms, at: datetime, target: str = "resolution") -> Clock:
    return clocks.activated(
        clock_id=new_id(), case_id=new_id(), target=target, cycle=1, terms=on, hours=hours_of(on), now=at
    )


def next_due(clock: Clock) -> tuple[str, datetime]:
    mark = clocks.next_mark(clock, hours_of(clock.terms))
    assert mark
    return mark.what, mark.due_at


CLOCK_TIMES = st.tuples(st.integers(0, 23), st.sampled_from((0, 15, 30, 45)))


@st.composite
def calendars(draw: st.DrawFn) -> str:
    """Several windows a day, nights, closed dates and own hours on dates; in zones with and without DST."""

    def day() -> list[dict[str, str]]:
        times = sorted(draw(st.lists(CLOCK_TIMES, min_size=2, max_size=4, unique=True)))
        pairs = list(zip(times[::2], times[1::2], strict=False))
        if draw(st.booleans()):
            pairs = [(pairs[-1][1], pairs[0][0])]  # a night: from the evening into the next day
        return [{"start": f"{a:02}:{b:02}", "end": f"{c:02}:{d:02}"} for (a, b), (c, d) in pairs]

    zone = draw(st.sampled_from(("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")))
    windows = {name: day() for name in draw(st.sets(st.sampled_from(DAYS), min_size=2))}
    dates = draw(st.lists(st.dates(date(2026, 3, 1), date(2026, 4, 20)), max_size=3, unique=True))
    overrides = [{"on": on.isoformat(), "windows": day() if draw(st.booleans()) else []} for on in dates]
    return calendar(windows, zone=zone, overrides=overrides, holidays=draw(st.booleans()))


def is_open(body: str, at: datetime) -> bool:
    """The oracle: what the clock on the wall says."""
    one = hours_from(body, "Asia/Shanghai").calendar
    wall = at.astimezone(ZoneInfo(one.zone))
    now, yesterday = wall.time(), wall.date() - timedelta(days=1)
    today = any(w.start <= now and (now < w.end or w.end <= w.start) for w in windows_on(one, wall.date()))
    return today or any(now < w.end <= w.start for w in windows_on(one, yesterday))


ACTIONS = st.sampled_from(("pause", "resume", "policy", "calendar", "fulfil", "again", "nothing"))
STARTS = st.datetimes(datetime(2026, 3, 3), datetime(2026, 4, 3), timezones=st.just(UTC)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


@settings(max_examples=120, deadline=None)
@given(
    bodies=st.lists(calendars(), min_size=2, max_size=2),
    start=STARTS,
    acts=st.lists(st.tuples(ACTIONS, st.integers(0, 1500)), max_size=6),
)
def test_a_clock_counts_the_minutes_in_which_it_runs_and_its_calendar_is_open(
    bodies: list[str], start: datetime, acts: Sequence[tuple[str, int]]
) -> None:
    clock, now, expected, chosen = started(terms(bodies[0], NEVER), start), start, 0, 0
    for act, minutes in (*acts, ("nothing", 60)):
        if clock.is_running:
            expected += sum(is_open(clock.terms.calendar, now + step * MINUTE) for step in range(minutes))
        now += minutes * MINUTE
        hours = hours_of(clock.terms)
        if act == "pause":
            clock = clocks.paused(clock, hours, now=now, reason="waiting_customer")
        if act == "resume":
            clock = clocks.resumed(clock, hours, now=now)
        if act in ("policy", "calendar"):
            chosen = 1 - chosen if act == "calendar" else chosen
            new = terms(bodies[chosen], NEVER, version=clock.terms.policy_version + 1)
            clock = clocks.superseded(clock, new, hours_of, now=now, reason=act)
        if act == "fulfil":
            clock = clocks.fulfilled(clock, hours, now=now, reason="resolved")
        if act == "again" and not clock.is_open:
            clock = clocks.activated_again(clock, hours, now=now, reason="reopened")
        assert clocks.counted_now(clock, hours_of(clock.terms), now) == expected * MINUTE
    explained = list(clocks.intervals(clock, hours_of, now))
    assert sum(one.seconds for one in explained if one.counted) == expected * 60
    assert all(one.to_at == other.from_at for one, other in pairwise(explained)), "no gap, no overlap"


@settings(max_examples=100, deadline=None)
@given(body=calendars(), start=STARTS, minutes=st.integers(1, 2000))
def test_a_clock_runs_out_at_the_first_minute_with_its_target_counted(body: str, start: datetime, minutes: int) -> None:
    clock = started(terms(body, minutes), start)
    assert clock.due_at
    hours = hours_of(clock.terms)
    assert counted(hours, start, clock.due_at) == minutes * MINUTE
    assert counted(hours, start, clock.due_at - timedelta(seconds=1)) == minutes * MINUTE - timedelta(seconds=1)
    what, warns_at = next_due(clock)
    assert what == "warned"
    assert counted(hours, start, warns_at) == minutes * MINUTE * 75 / 100


def test_time_in_which_the_case_waits_for_the_customer_is_not_counted() -> None:
    one = terms(calendar())
    clock = started(one, local("2026-03-02T09:00"))
    clock = clocks.paused(clock, hours_of(one), now=local("2026-03-02T09:30"), reason="waiting_customer")
    assert clock.due_at is None
    assert clocks.next_mark(clock, hours_of(one)) is None, "nothing is due while it waits"
    clock = clocks.resumed(clock, hours_of(one), now=local("2026-03-04T15:00"))
    assert clock.due_at == local("2026-03-04T16:30")
    skipped = [i for i in clocks.intervals(clock, hours_of, local("2026-03-04T15:00")) if not i.counted]
    assert [(i.why, i.from_at, i.to_at) for i in skipped] == [
        ("waiting_customer", local("2026-03-02T09:30"), local("2026-03-04T15:00"))
    ]


def test_a_new_policy_brings_its_own_target_and_not_the_old_one() -> None:
    clock = started(terms(calendar(), 120), local("2026-03-02T09:00"))
    new = terms(calendar(), 300, version=2)
    clock = clocks.superseded(clock, new, hours_of, now=local("2026-03-02T10:00"), reason="policy_changed")
    assert clock.due_at == local("2026-03-02T14:00"), "an hour stays counted, four are left of the new five"
    assert clock.terms.target_seconds == 300 * 60
    assert [entry.terms.policy_version for entry in clock.log if entry.terms] == [1, 2]


def test_a_pause_outlives_a_change_of_policy() -> None:
    one, new = terms(calendar(), 120), terms(calendar(), 300, version=2)
    clock = started(one, local("2026-03-02T09:00"))
    clock = clocks.paused(clock, hours_of(one), now=local("2026-03-02T10:00"), reason="waiting_customer")
    clock = clocks.superseded(clock, new, hours_of, now=local("2026-03-02T11:00"), reason="policy_changed")
    assert clock.state == "paused"
    assert clocks.next_mark(clock, hours_of(new)) is None
    clock = clocks.resumed(clock, hours_of(new), now=local("2026-03-03T09:00"))
    assert clock.due_at == local("2026-03-03T13:00")


@pytest.mark.parametrize("holiday", ["2026-03-03", "2026-03-04"])
def test_a_holiday_never_makes_a_clock_run_out_sooner(holiday: str) -> None:
    plain = terms(calendar(), 1200)
    closed = terms(calendar(overrides=[{"on": holiday, "windows": []}]), 1200)
    start = local("2026-03-02T12:00")
    before, after = started(plain, start), started(closed, start)
    assert before.due_at == local("2026-03-04T14:00")
    assert after.due_at == local("2026-03-05T14:00"), "one working day later"
    for minutes in (60, 300, 900):
        assert next_due(started(terms(closed.calendar, minutes), start)) >= next_due(
            started(terms(plain.calendar, minutes), start)
        )


def test_a_warning_comes_in_working_hours_and_not_at_midnight() -> None:
    clock = started(terms(calendar(), 480), local("2026-03-02T14:00"))
    assert next_due(clock) == ("warned", local("2026-03-03T11:00")), (
        "six of eight working hours, not of wall-clock ones"
    )
    whole_evening = started(terms(calendar(), 240), local("2026-03-02T14:00"))
    assert whole_evening.due_at == local("2026-03-02T18:00"), "at closing time, neither at midnight nor next morning"


def test_the_sites_zone_counts_and_not_that_of_whoever_asks() -> None:
    site = terms(calendar(zone="Europe/Berlin"), 60, zone="Asia/Shanghai")
    clock = started(site, local("2026-03-27T17:30", "Europe/Berlin"))
    assert clock.due_at == local("2026-03-30T09:30", "Europe/Berlin"), "Friday evening to Monday, over the DST change"
    assert hours_of(site).zone == "Europe/Berlin"


def test_reopening_goes_on_where_it_ended_and_does_not_breach_twice() -> None:
    one = terms(calendar(), 120)
    clock = started(one, local("2026-03-02T09:00"))
    for _ in range(2):
        mark = clocks.next_mark(clock, hours_of(one))
        assert mark
        clock = clocks.marked(clock, mark)
    assert (clock.warned, clock.level) == (75, 1)
    clock = clocks.fulfilled(clock, hours_of(one), now=local("2026-03-02T11:30"), reason="resolved")
    clock = clocks.activated_again(clock, hours_of(one), now=local("2026-03-05T09:00"), reason="reopened")
    assert clock.accrued == timedelta(minutes=150)
    assert next_due(clock) == ("breached", local("2026-03-05T09:30")), "the second level; warned and breached stand"
    assert clock.level == 1


def test_a_longer_target_takes_back_what_it_has_not_reached_and_may_say_it_again() -> None:
    one = terms(calendar(), 60)
    clock = started(one, local("2026-03-02T09:00"))
    for _ in range(2):
        mark = clocks.next_mark(clock, hours_of(one))
        assert mark
        clock = clocks.marked(clock, mark)
    longer = terms(calendar(), 240, version=2)
    clock = clocks.superseded(clock, longer, hours_of, now=local("2026-03-02T10:10"), reason="quadrant")
    assert (clock.warned, clock.level) == (0, 0)
    assert next_due(clock) == ("warned", local("2026-03-02T12:00"))


def test_the_target_for_a_tier_comes_before_the_one_for_a_quadrant() -> None:
    targets = [
        Target(target="resolution", seconds=1),
        Target(target="resolution", seconds=2, quadrant=1),
        Target(target="resolution", seconds=3, tier="vip"),
        Target(target="resolution", seconds=4, quadrant=1, tier="vip"),
        Target(target="next_update", seconds=5),
    ]

    def chosen(quadrant: int, tier: str | None) -> int:
        found = target_for(targets, "resolution", quadrant=quadrant, tier=tier)
        assert found
        return found.seconds

    assert [chosen(4, None), chosen(1, None), chosen(4, "vip"), chosen(1, "vip")] == [1, 2, 3, 4]
    assert target_for(targets, "first_response", quadrant=1, tier=None) is None
