"""Whatever people try, in any order: one owner, a known state, a growing version, no closing over open loops."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.cases.domain import case as cases
from services.cases.domain import case_ending as ending
from services.cases.domain import case_ownership as ownership
from services.cases.domain.case import STATES, Case, Person
from services.cases.domain.fields import FieldRule, Given, completeness_of, moves_on, require_complete
from shared.contracts.cases import CaseFact
from shared.contracts.refusal import Refusal

START = datetime(2026, 3, 2, 1, tzinfo=UTC)
TEAM = UUID("019cb0a0-0001-7000-8000-000000000001")
CUSTOMER = UUID("019cb0a0-0001-7000-8000-000000000002")
LEAD = Person("LA", "冯班长")
PEOPLE = st.sampled_from([Person("A001", "李雷"), Person("A002", "韩梅梅"), LEAD])
RULES = (FieldRule(code="serial", name="序列号", name_en="serial", required_from="resolved"),)


def new_case(**more: Any) -> Case:
    """A case that waits in its team's queue."""
    told = {"case_type": "consult", "type_version": 1, "channel": "phone", "subject": "s", "zone": "Asia/Shanghai"}
    ratings: dict[str, Any] = {"urgency": "normal", "importance": "normal", "quadrant": 4}
    when: dict[str, Any] = {"opened_at": START, "updated_at": START, "opened_by": "A001"}
    whose: dict[str, Any] = {"case_id": TEAM, "number": "C20260302-0001", "team_id": TEAM, "customer_id": CUSTOMER}
    return Case(**{**told, **ratings, **when, **whose, **more})


class OneCase(RuleBasedStateMachine):
    """One case, with a clock that only goes forward and a number of loops that others hold open."""

    @initialize()
    def open(self) -> None:
        self.case, self.now, self.loops = new_case(), START, 0
        self.events: list[CaseFact] = []

    def keep(self, after: Case, event: CaseFact | None = None) -> None:
        """What the commands do: complete enough, and one version further."""
        if moves_on(self.case.state, after.state):
            require_complete(RULES, after.fields, after.state)
        assert after.version > self.case.version
        self.case = after
        if event is not None:
            assert (event.owner, event.team_id) == (after.owner, after.team_id)
            self.events.append(event)

    def attempt(self, act: Any, *args: Any, **told: Any) -> None:
        """Try it; whatever is refused changes nothing."""
        before = self.case
        try:
            self.keep(*act(self.case, *args, **told, now=self.now))
        except Refusal:
            assert self.case is before

    @rule(minutes=st.integers(1, 5000))
    def wait_a_while(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(who=PEOPLE)
    def take(self, who: Person) -> None:
        if self.case.owner in (None, who.staff_no):
            self.attempt(ownership.assigned, who, team=None, how="taken", by=who.staff_no)

    @rule(who=PEOPLE)
    def assign(self, who: Person) -> None:
        state = self.case.state
        self.attempt(ownership.assigned, who, team=None, how="assigned", by="LA")
        assert self.case.state == state, "being assigned is not taking it on"

    @rule()
    def release(self) -> None:
        self.attempt(ownership.released, by="LA")

    @rule(who=PEOPLE)
    def transfer(self, who: Person) -> None:
        self.attempt(ownership.transferred, who, team=None, reason_code="skill")

    @rule(for_=st.sampled_from(["customer", "team"]))
    def hold(self, for_: str) -> None:
        self.attempt(cases.waiting, for_=for_, until=self.now + timedelta(days=3))

    @rule()
    def resume(self) -> None:
        self.attempt(cases.resumed)

    @rule(answer=st.sampled_from([Given(value="1"), Given(refused="不给"), Given(unknown="不知道"), None]))
    def answer_field(self, answer: Given | None) -> None:
        try:
            self.keep(cases.changed(self.case, now=self.now, fields={"serial": answer} if answer else {}))
        except Refusal:
            assert self.case.state == "closed"

    @rule()
    def loop_opens(self) -> None:
        if self.case.is_active:
            self.loops += 1

    @rule()
    def loop_closes(self) -> None:
        self.loops = max(0, self.loops - 1)

    @rule()
    def news(self) -> None:
        if self.case.is_active:
            self.keep(ending.with_news(self.case, now=self.now))

    @rule()
    def resolve(self) -> None:
        self.attempt(
            ending.resolved,
            resolution=None,
            by="A001",
            silence_until=self.now + timedelta(days=3),
            working_seconds=None,
            completeness=completeness_of(RULES, self.case.fields),
        )

    @rule()
    def tell_customer(self) -> None:
        until = self.now + timedelta(days=3)
        self.attempt(ending.informed, notice_id=TEAM, by="A001", channel="phone", silence_until=until)

    @rule(how=st.sampled_from(["confirmed", "silence"]))
    def close(self, how: str) -> None:
        before = self.case
        try:
            ending.require_closable(before, how=how, open_loops={"handoffs": self.loops}, now=self.now)
        except Refusal:
            return
        self.attempt(ending.closed, how=how, completeness=completeness_of(RULES, before.fields))
        if self.case.state == "closed":
            assert self.loops == 0
            assert before.state == "resolved"
            assert before.informed_at is not None
            assert how == "confirmed" or (before.silence_until or self.now) <= self.now

    @rule()
    def reopen(self) -> None:
        owner, count = self.case.owner, self.case.reopen_count
        self.attempt(ending.reopened, reason="还是不行", lead=LEAD)
        if self.case.reopen_count > count:
            assert self.case.state == "in_progress"
            assert self.case.owner == (owner if count == 0 else "LA")

    @invariant()
    def one_owner_with_a_name(self) -> None:
        if hasattr(self, "case"):
            assert (self.case.owner is None) == (self.case.owner_name is None)

    @invariant()
    def state_and_times_agree(self) -> None:
        if not hasattr(self, "case"):
            return
        case = self.case
        assert case.state in STATES
        assert (case.closed_at is not None) == (case.state == "closed")
        assert (case.resolved_at is not None) == (not case.is_active)
        assert (case.waiting_since is not None) == (case.waiting_for is not None)
        assert (case.waiting_until is not None) == (case.waiting_for is not None), "no wait without an end"
        assert not (case.state == "resolved" and case.informed_at) or case.silence_until, "no silence without an end"
        assert case.is_active or "serial" in case.fields or case.state == "resolved"


OneCase.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestOneCase = OneCase.TestCase


@pytest.mark.parametrize(
    ("urgency", "importance", "quadrant"),
    [("high", "high", 1), ("low", "high", 2), ("normal", "high", 2), ("high", "normal", 3), ("low", "low", 4)],
)
def test_the_quadrant_is_urgency_by_importance(urgency: str, importance: str, quadrant: int) -> None:
    assert cases.quadrant_of(urgency, importance) == quadrant
    after = cases.changed(new_case(), now=START, urgency=urgency, importance=importance)
    assert after.quadrant == quadrant
