"""What people do with a question: look at it, answer it, or have somebody reminded of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.notify.commands.ladder import question_facts
from services.notify.commands.subjects import close
from services.notify.commands.telling import Occasion, matter_of, tell
from services.notify.domain import acknowledgement
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.store import acknowledgements as store
from services.notify.store.policies import load_catalogue
from services.notify.store.recipients import load_team
from shared.contracts.refusal import Refusal
from shared.platform.work import Work

Answer = Literal["confirm", "refuse"]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a question stands after what was done. `repeated`: it stood there already, nothing changed."""

    acknowledgement_id: UUID
    state: str
    answer: str | None
    opened_at: datetime | None
    answered_at: datetime | None
    channel: str | None
    reason: str | None
    reminded_at: datetime | None
    deadline: datetime
    version: int
    repeated: bool = False


async def open_question(work: Work, *, acknowledgement_id: UUID, channel: str) -> Receipt:
    """The person themself looked at the question; that is noted and confirms nothing."""
    ack = await _own(work, acknowledgement_id)
    seen, event = acknowledgement.see(ack, channel, work.now)
    if event:
        work.record(event, sequence=seen.version)
        await store.save_acknowledgement(work, seen)
    return _receipt(seen, repeated=event is None)


async def answer_question(
    work: Work, *, acknowledgement_id: UUID, answer: Answer, reason: str, channel: str, language: str
) -> Receipt:
    """The person themself confirms or refuses. The same answer again changes nothing; another one is refused."""
    ack = await _own(work, acknowledgement_id)
    if ack.answer == {"confirm": "given", "refuse": "refused"}[answer]:
        return _receipt(ack, repeated=True)
    catalogue = await load_catalogue(work)
    shown = catalogue.render(ack.manner.asked, language, question_facts(ack)(language)).text
    if answer == "confirm":
        answered, event = acknowledgement.give(ack, channel, shown, work.now)
    else:
        answered, event = acknowledgement.refuse(ack, channel, reason, shown, work.now)
    work.record(event, sequence=answered.version)
    rungs = await store.load_rungs(work, [ack.acknowledgement_id])
    await close(work, [(answered, rungs[ack.acknowledgement_id], "answered")])
    return _receipt(answered)


async def remind(work: Work, *, acknowledgement_id: UUID) -> Receipt:
    """Ask for the answer again now, by hand (催办); the ladder goes on as it was."""
    ack = await store.load_acknowledgement(work, acknowledgement_id)
    team = await load_team(work, ack.team_id)
    work.actor.require_team(ack.team_id, team.code if team else "")
    reminded = acknowledgement.remind(ack, work.now)
    await store.save_acknowledgement(work, reminded)
    number, template = reminded.reminder_count, ack.manner.reminder
    occasion = Occasion(name="reminder", number=number, template=template, asks=True)
    await tell(work, ack.staff_no, matter_of(ack), occasion, question_facts(ack))
    return _receipt(reminded)


async def _own(work: Work, acknowledgement_id: UUID) -> Acknowledgement:
    """Only the person asked can look or answer, whoever else may see the question."""
    ack = await store.load_acknowledgement(work, acknowledgement_id)
    if work.actor.staff_no != ack.staff_no:
        raise Refusal("not-yours")
    return ack


def _receipt(ack: Acknowledgement, *, repeated: bool = False) -> Receipt:
    names = [name for name in Receipt.__dataclass_fields__ if name != "repeated"]
    return Receipt(**{name: getattr(ack, name) for name in names}, repeated=repeated)
