"""Shift changes through any order of publications, answers, expiries and resolutions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.roster.domain import change as changes
from services.roster.domain.agent import Agent
from services.roster.domain.change import Delivery, Escalation, ShiftChange, Step
from services.roster.domain.change_record import change_from, change_record
from services.roster.domain.code import Codebook, ShiftCode
from services.roster.domain.diff import diff
from services.roster.domain.line import resolved
from services.roster.domain.next_step import WORDS, Waiting, next_step
from services.roster.domain.publication import Publication, planned_shifts, question
from services.roster.domain.shift import Shift, confirmed, is_over, open_question, taken_back
from services.roster.domain.team import Team
from shared.contracts.refusal import Refusal
from shared.contracts.roster import Cell
from shared.platform.ids import new_id

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
FIRST = date(2026, 3, 2)
DAYS = [FIRST + timedelta(days=number) for number in range(6)]
TEAM = Team(team_id=new_id(), code="T", name="一组", updated_at=START)
AGENT = Agent(
    agent_id=new_id(),
    staff_no="A001",
    name="王芳",
    team_id=TEAM.team_id,
    team_name=TEAM.name,
    roles=("agent",),
    skills=(),
    hired_on=date(2025, 1, 1),
    updated_at=START,
)


def code(name: str, starts: int | None = None, ends: int | None = None) -> ShiftCode:
    times = [None if hour is None else datetime(2026, 1, 1, hour).time() for hour in (starts, ends)]
    return ShiftCode(code_id=new_id(), code=name, name=name, starts=times[0], ends=times[1], updated_at=START)


BOOK = Codebook([code("早", 9, 18), code("晚", 14, 22), code("夜", 22, 6), code("休")], TEAM.tz)
SHEETS = st.dictionaries(st.sampled_from(DAYS), st.sampled_from(["早", "晚", "夜", "休"]), max_size=6)


class Roster(RuleBasedStateMachine):
    """One agent's roster, kept in memory by the same pure functions as the commands use."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.roster_id = new_id()
        self.number = 0
        self.line: dict[date, Cell] = {}
        self.shifts: dict[date, Shift] = {}
        self.changes: dict[UUID, ShiftChange] = {}
        self.agreed: dict[date, Cell | None] = {}
        self.asked_now: UUID | None = None
        self.told: dict[UUID, tuple[Step, ...]] = {}

    def current(self) -> ShiftChange | None:
        return self.changes[self.asked_now] if self.asked_now else None

    @rule(sheet=SHEETS)
    def publish(self, sheet: dict[date, str]) -> None:
        line = resolved(sheet, BOOK)
        days = diff(self.line, line)
        if not days:
            return
        self.number += 1
        self.line = line
        publication = Publication(
            roster_id=self.roster_id, number=self.number, team=TEAM, by="S001", at=self.now, within=timedelta(hours=12)
        )
        change_id = new_id()
        anew = planned_shifts(publication, AGENT.agent_id, days, self.shifts, change_id)
        if not anew:
            return
        change, marked = question(publication, AGENT, {**self.shifts, **anew}, change_id)
        self.shifts |= {**anew, **marked}
        self._close_earlier(change)
        self.asked_now = change.change_id if change else None
        if change:
            self.changes[change.change_id] = change

    def _close_earlier(self, change: ShiftChange | None) -> None:
        for earlier in list(self.changes.values()):
            by = change.change_id if change else None
            if earlier.is_open:
                after, _ = changes.superseded(earlier, by_number=self.number, by_change_id=by, now=self.now)
                self.changes[earlier.change_id] = after
            elif earlier.is_unresolved:
                after, _ = changes.resolved(earlier, action="republished", reason="x", by="", now=self.now)
                self.changes[earlier.change_id] = after

    @precondition(lambda self: self.current() is not None)
    @rule()
    def look(self) -> None:
        change = self.current()
        assert change
        self._keep(changes.opened(change, at=self.now, channel="link"))

    @precondition(lambda self: self.current() is not None)
    @rule(level=st.sampled_from(["accepted", "delivered"]), minutes=st.integers(0, 90))
    def deliver(self, level: str, minutes: int) -> None:
        change, at = self.current(), self.now - timedelta(minutes=minutes)
        assert change
        told = changes.notified(change, at=at, details={"channel": "sms"})
        self._keep(changes.delivered(told, Delivery(at=at, channel="sms", outcome=level)))

    @precondition(lambda self: self.current() is not None)
    @rule(rung=st.integers(2, 3))
    def escalate(self, rung: int) -> None:
        change = self.current()
        assert change
        reached = Escalation(rung=rung, target="lead", staff_no="L001", at=self.now)
        after = changes.escalated(change, reached)
        assert after.escalation
        assert after.escalation.rung == max(rung, change.escalation.rung if change.escalation else 0)
        self.changes[after.change_id] = after

    @precondition(lambda self: self.current() is not None)
    @rule(which=st.integers(0, 5))
    def confirm(self, which: int) -> None:
        change = list(self.changes.values())[which % len(self.changes)]
        try:
            after, _ = changes.confirmed(change, channel="link", by="A001", now=self.now)
        except Refusal:
            assert not change.is_answerable
            return
        self._keep(after)
        for on, shift in self.shifts.items():
            if shift.change_id == change.change_id and not is_over(on, shift.cells, self.now, TEAM.tz):
                self.shifts[on] = confirmed(shift)
                self.agreed[on] = shift.planned

    @precondition(lambda self: self.current() is not None)
    @rule()
    def refuse(self) -> None:
        change = self.current()
        assert change
        try:
            self._keep(changes.refused(change, reason="x", channel="link", by="A001", now=self.now)[0])
        except Refusal:
            assert not change.is_open

    @precondition(lambda self: self.current() is not None)
    @rule(action=st.sampled_from(changes.RESOLUTIONS))
    def resolve(self, action: str) -> None:
        change = self.current()
        assert change
        try:
            after, _ = changes.resolved(change, action=action, reason="x", by="S001", now=self.now)
        except Refusal:
            assert not change.is_unresolved
            return
        if action == "withdraw":
            after, _ = changes.withdrawn(after, reason="x", by="S001", now=self.now)
        self._keep(after)
        if action != "insist":
            self._give_back(change.change_id)

    def _give_back(self, change_id: UUID) -> None:
        for on, shift in self.shifts.items():
            if shift.change_id == change_id and not is_over(on, shift.cells, self.now, TEAM.tz):
                self.shifts[on] = taken_back(shift)
                self.line.pop(on, None)
                if shift.accountable:
                    self.line[on] = shift.accountable

    @rule(hours=st.integers(1, 30))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)
        for change in list(self.changes.values()):
            if change.is_open and change.confirm_by <= self.now:
                self._keep(changes.expired(change, now=self.now)[0])

    def _keep(self, change: ShiftChange) -> None:
        assert change.version > self.changes[change.change_id].version
        self.changes[change.change_id] = change

    @invariant()
    def nothing_but_a_confirmation_moves_what_the_agent_answers_for(self) -> None:
        assert all(shift.accountable == self.agreed.get(on) for on, shift in self.shifts.items())

    @invariant()
    def at_most_one_question_is_open(self) -> None:
        still_open = [change.change_id for change in self.changes.values() if change.is_open]
        assert still_open in ([], [self.asked_now])

    @invariant()
    def an_open_question_asks_for_all_that_differs(self) -> None:
        change = self.current()
        if change and change.is_open:
            asked = {day.on: day.after for day in change.days}
            assert all(asked[day.on] == day.after for day in open_question(self.shifts.values(), self.now, TEAM.tz))

    @invariant()
    def a_deadline_lies_between_the_announcement_and_the_first_start(self) -> None:
        for change in self.changes.values():
            assert change.announced_at <= change.confirm_by <= change.first_start_at

    @invariant()
    def no_open_question_is_without_a_time_still_to_come(self) -> None:
        assert all(change.confirm_by > self.now for change in self.changes.values() if change.is_open)

    @invariant()
    def only_an_answer_makes_a_change_confirmed_or_refused(self) -> None:
        for change in self.changes.values():
            answered = change.answer is not None and change.answer.said == change.state
            assert answered or change.state not in ("confirmed", "refused")

    @invariant()
    def what_waits_has_somebody_whose_turn_it_is(self) -> None:
        for change in self.changes.values():
            if change.is_open or change.is_unresolved:
                looked_at = {name: getattr(change, name) for name in Waiting.__slots__}
                step = next_step(Waiting(**looked_at))
                assert step.who == "agent" or not change.is_open or change.escalation or change.late_notice
                assert step.action in WORDS

    @invariant()
    def history_only_grows(self) -> None:
        for change in self.changes.values():
            known = self.told.get(change.change_id, ())
            assert change.history[: len(known)] == known
            self.told[change.change_id] = change.history

    @invariant()
    def every_change_is_read_back_as_it_was_stored(self) -> None:
        for change in self.changes.values():
            assert change_from(change_record(change)) == change


TestRoster = Roster.TestCase
TestRoster.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def pending(**differences: Any) -> ShiftChange:
    publication = Publication(roster_id=new_id(), number=1, team=TEAM, by="S001", at=START, within=timedelta(hours=12))
    days = diff({}, resolved({DAYS[2]: "早"}, BOOK))
    anew = planned_shifts(publication, AGENT.agent_id, days, {}, new_id())
    change, _ = question(publication, AGENT, anew, new_id())
    assert change
    return replace(change, **differences)


def code_of(action: Any) -> str:
    with pytest.raises(Refusal) as refused:
        action()
    return refused.value.code


def test_opened_is_not_confirmed() -> None:
    assert changes.opened(pending(), at=START, channel="link").state == "opened"


def test_a_delivery_after_the_opening_does_not_turn_it_back() -> None:
    opened = changes.opened(pending(), at=START, channel="link")
    assert changes.notified(opened, at=START, details={}).state == "opened"


def test_a_confirmation_keeps_version_hash_channel_time_and_text() -> None:
    change = pending()
    after, _ = changes.confirmed(change, channel="link", by="A001", now=START, shown="周三 早班")
    answer = after.answer
    assert answer
    assert (answer.number, answer.diff_hash, answer.channel) == (1, change.diff_hash, "link")
    assert (answer.answered_at, answer.shown) == (START, "周三 早班")


@pytest.mark.parametrize(
    ("state", "code"),
    [("expired", "change-expired"), ("withdrawn", "change-withdrawn"), ("refused", "change-already-answered")],
)
def test_a_question_that_is_over_takes_no_answer(state: str, code: str) -> None:
    change = pending(state=state)
    assert code_of(lambda: changes.confirmed(change, channel="link", by="A001", now=START)) == code


def test_after_the_supervisor_insisted_the_agent_may_still_say_yes_but_not_no() -> None:
    refused, _ = changes.refused(pending(), reason="孩子生病", channel="link", by="A001", now=START)
    insisted, _ = changes.resolved(refused, action="insist", reason="没有人手", by="S001", now=START)
    assert changes.confirmed(insisted, channel="console", by="A001", now=START)[0].state == "confirmed"
    assert code_of(lambda: changes.refused(insisted, reason="x", channel="link", by="A001", now=START))


def test_nothing_is_resolved_twice() -> None:
    refused, _ = changes.refused(pending(), reason="x", channel="link", by="A001", now=START)
    resolved_once, _ = changes.resolved(refused, action="reassign", reason="x", by="S001", now=START)
    again = lambda: changes.resolved(resolved_once, action="insist", reason="x", by="S001", now=START)  # noqa: E731
    assert code_of(again) == "change-not-to-resolve"


def test_the_phone_is_the_leads_and_needs_a_note() -> None:
    def fitting(channel: str, note: str | None, *, own: bool) -> str | None:
        try:
            changes.require_fitting_channel(channel, note, own=own, by_system=False)
        except Refusal as refusal:
            return refusal.code
        return None

    assert fitting("link", None, own=True) is None
    assert fitting("phone", "x", own=True) == "phone-needs-a-lead"
    assert fitting("phone", None, own=False) == "phone-needs-a-note"
    assert fitting("phone", "10:05 来电确认", own=False) is None
    assert fitting("console", None, own=False) == "answer-is-the-agents"
