"""Complaints in any order of acts: no stage without its evidence, nobody decides about themselves, none is silent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.cases.domain import complaint as rules
from services.cases.domain.case import Case, Person
from services.cases.domain.complaint import Complaint
from services.cases.domain.complaint_guidance import GUIDANCE, guidance_for
from shared.contracts.refusal import Refusal

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CASE_ID, TEAM_ID = UUID(int=1), UUID(int=2)
CASE = Case(
    case_id=CASE_ID, number="C1", case_type="feedback", type_version=1, channel="phone", subject="x", urgency="normal",
    importance="normal", quadrant=4, zone="Asia/Shanghai", opened_at=NOW, opened_by="A001", updated_at=NOW,
)  # fmt: skip
who = st.sampled_from([Person(name, name) for name in ("L001", "L002", "S001", "A001")])
whom = st.frozensets(st.sampled_from(("L001", "L002", "A001")), max_size=2)


class Lane(RuleBasedStateMachine):
    """One complaint, and whatever people try."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.complaint = Complaint(
            case_id=CASE_ID, said="x", handler="L001", handler_name="L001", raised_at=NOW, raised_by="A001",
            raised_by_name="A001", due_at=NOW + timedelta(hours=2), updated_at=NOW,
        )  # fmt: skip
        self.history = ["raised"]

    def attempt(self, act: Any, *arguments: Any, by: Person | None, **more: Any) -> None:
        """Do it or be refused; a refusal changes nothing."""
        self.now += timedelta(minutes=7)
        before = self.complaint
        try:
            found = act(before, *arguments, now=self.now, **more, **({"by": by} if by else {}))
        except Refusal:
            assert self.complaint is before
            return
        after = found[0] if isinstance(found, tuple) else found
        assert after.version == before.version + 1
        if by:
            assert by.staff_no not in after.subjects
            assert after.handler == by.staff_no
        self.complaint = after
        self.history.append(act.__name__)

    @property
    def due(self) -> datetime:
        return self.now + timedelta(days=1)

    @rule(by=who)
    def acknowledge(self, by: Person) -> None:
        self.attempt(rules.acknowledged, CASE, by=by, due_at=self.due)

    @rule(by=who, kind=st.sampled_from(rules.KINDS), loss=st.sampled_from((None, "yes", "no")), subjects=whom)
    def assess(self, by: Person, kind: str, loss: str | None, subjects: frozenset[str]) -> None:
        more = {"kind": kind, "loss": loss, "findings": "x", "subjects": sorted(subjects), "step": None}
        self.attempt(rules.assessed, by=by, due_at=self.due, **more)

    @rule(by=who)
    def dispatch(self, by: Person) -> None:
        self.attempt(rules.dispatched, CASE, by=by, due_at=self.due, handoff_id=UUID(int=3), team=(TEAM_ID, "财务部"))

    @rule(by=who)
    def waive(self, by: Person) -> None:
        self.attempt(rules.waived, by=by, due_at=self.due, why="x")

    @rule(by=who, answered=st.booleans())
    def decide(self, by: Person, answered: bool) -> None:
        more = {"decision": "upheld", "remedy": "x", "department_answered": answered}
        self.attempt(rules.decided, CASE, by=by, due_at=self.due, **more)

    @rule(by=who, accepted=st.sampled_from((True, None)), wait=st.booleans())
    def respond(self, by: Person, accepted: bool | None, wait: bool) -> None:
        self.now += timedelta(days=3) if wait else timedelta()
        self.attempt(rules.responded, by=by, accepted=accepted, due_at=self.due)

    @rule()
    def appeal(self) -> None:
        self.attempt(rules.appealed, CASE, None, by=None, due_at=self.due)

    @rule(by=who)
    def close(self, by: Person) -> None:
        self.attempt(rules.closed, CASE, by=by, root_cause="process", step="follow_up")

    @invariant()
    def no_open_complaint_is_silent(self) -> None:
        assert (self.complaint.due_at is not None) == self.complaint.is_open

    @invariant()
    def nobody_decides_twice(self) -> None:
        assert len(set(self.complaint.deciders)) == len(self.complaint.deciders)
        assert len(self.complaint.deciders) <= self.complaint.appeal_count + 1

    @invariant()
    def whoever_it_is_about_does_not_have_it(self) -> None:
        assert self.complaint.handler is None or self.complaint.handler not in self.complaint.subjects

    @invariant()
    def what_is_closed_left_evidence_of_every_stage(self) -> None:
        if self.complaint.is_open:
            return
        assert rules.missing_evidence(self.complaint) == []
        assert {"acknowledged", "assessed", "decided", "responded"} <= set(self.history)
        assert {"dispatched", "waived"} & set(self.history)


TestLane = Lane.TestCase
TestLane.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_every_kind_has_its_guidance_in_both_languages() -> None:
    for kind in rules.KINDS:
        for loss in ("yes", "no", "unknown", None):
            assert guidance_for(kind, loss, "zh-CN") != guidance_for(kind, loss, "en")
    assert guidance_for(None, None, "en") is None
    assert {kind for kind, _ in GUIDANCE} == set(rules.KINDS)
