"""A rung whose person none of their own channels reached goes on to the next above at once, and says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from services.notify.commands.above import above
from services.notify.commands.ladder import question_facts
from services.notify.commands.telling import Occasion, Saying, matter_of, tell_all
from services.notify.domain import acknowledgement, ladder
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.contact import PERSONAL_CHANNELS
from services.notify.domain.ladder import Chain, Rung
from services.notify.domain.message import Message
from services.notify.domain.wording import passed_over
from services.notify.store import acknowledgements as store
from services.notify.store.recipients import load_people
from shared.platform.work import Work

log = structlog.get_logger(__name__)

RUNG = "rung"
NO_CHANNEL = "no-channel"


async def go_up(work: Work, message: Message) -> None:
    """The last of somebody's channels failed for this message; does nothing for what is no rung of an open question."""
    if message.occasion != RUNG or message.acknowledgement_id is None or message.channel not in PERSONAL_CHANNELS:
        return
    ack = await store.load_acknowledgement(work, message.acknowledgement_id)
    rungs = (await store.load_rungs(work, [ack.acknowledgement_id]))[ack.acknowledgement_id]
    rung = rungs[message.number]
    if ack.state == "open" and message.staff_no:
        chain = (await above(work, {ack.team_id})).completed(ack.chain, ack.team_id)
        ack, rung = await _pass_on(work, ack, rung, chain, message.staff_no)
        await store.save_questions(work, [(ack, _with(rungs, rung))])


async def _pass_on(
    work: Work, ack: Acknowledgement, rung: Rung, chain: Chain, silent: str
) -> tuple[Acknowledgement, Rung]:
    """Tell whoever stands above the one who could not be reached; the question and the rung afterwards."""
    missed = _highest(chain, silent, rung.target)
    target, staff_no = await _next_above(work, chain, missed)
    outcome = f"{rung.outcome}-{NO_CHANNEL}-told-{target or 'nobody'}".replace(" ", "-")
    if target is None or staff_no is None:
        log.warning("rung_reached_nobody", acknowledgement_id=str(ack.acknowledgement_id), rung=rung.number)
        return ack, replace(rung, outcome=outcome)
    ack, event = acknowledgement.escalate(ack, rung.number, target, staff_no, work.now)
    work.record(event, sequence=ack.version)
    template = ack.manner.silent if work.now < ack.deadline else ack.manner.overdue
    occasion = Occasion(name=RUNG, number=rung.number, template=template)
    said = question_facts(ack)
    saying = Saying(staff_no, matter_of(ack), occasion, lambda tag: said(tag) | {"passed": passed_over((missed,), tag)})
    await tell_all(work, [saying])
    return ack, replace(rung, staff_no=staff_no, outcome=outcome)


async def _next_above(work: Work, chain: Chain, missed: str) -> tuple[str | None, str | None]:
    """The first target above that is somebody else who has not left."""
    people = await load_people(work, chain.people)
    gone = [name for name, one in people.items() if one.left_on is not None and one.left_on < work.now.date()]
    for target in ladder.TARGETS[ladder.TARGETS.index(missed) + 1 :]:
        staff_no = chain.who(target)
        if staff_no and staff_no not in (*gone, chain.recipient, chain.who(missed)):
            return target, staff_no
    return None, None


def _highest(chain: Chain, staff_no: str, wanted: str) -> str:
    """The target, from the rung's own upwards, as which somebody was told."""
    upwards = ladder.TARGETS[ladder.TARGETS.index(wanted) :]
    return next((target for target in upwards if chain.who(target) == staff_no), wanted)


def _with(rungs: Sequence[Rung], changed: Rung) -> tuple[Rung, ...]:
    return tuple(changed if rung.number == changed.number else rung for rung in rungs)
