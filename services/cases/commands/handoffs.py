"""Hand-offs between teams: asked, accepted or not, worked on, answered; every step kept, told, and on the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.cases.commands.handoff_case import after_hop, begin_hop
from services.cases.commands.progress import overtake_progress
from services.cases.commands.word import HANDOFF, close_told, owe_word
from services.cases.domain import handoff as rules
from services.cases.domain import handoff_moves as moves
from services.cases.domain.case import Case, facts_of, require_active
from services.cases.domain.handoff import Handoff, Reply
from services.cases.domain.handoff_moves import Transition
from services.cases.domain.working_time import minutes_after
from services.cases.queries.sight import Sight, person_of, require_worker, sight_of
from services.cases.queries.working_hours import hours_of_team
from services.cases.store import handoffs as store
from services.cases.store.cases import add_entry, load_case
from services.cases.store.handoffs import Receiver
from services.cases.store.people import person_named
from services.cases.store.sla import rules_for
from shared.contracts.refusal import Fault, Refusal
from shared.platform.ids import new_id
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What a sender asks of whom. `receiver` names a person there, who still has to accept."""

    to_team: str
    reason: str
    request: str
    channel: str | None = None
    receiver: str | None = None
    ack_within_minutes: int | None = None
    work_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Who replied and when, where somebody records another's words; none: the caller, now."""

    by: str | None = None
    at: datetime | None = None


async def request_handoff(work: Work, *, case_id: UUID, asking: Asking) -> Handoff:
    """Ask another team to act; the case stays the sender's."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    return await hand_off(work, case, asking)


async def hand_off(work: Work, case: Case, asking: Asking) -> Handoff:
    """Ask another team to act on a case that is loaded locked."""
    require_active(case)
    receiver = await _receiver(work, asking)
    rules.require_other_team(receiver.team_id, case.team_id)
    earlier = await store.handoffs_of(work.conn, case.case_id)
    if still := next((hop for hop in earlier if hop.is_open), None):
        raise Refusal("handoff-open", extra={"handoff_id": still.handoff_id}, team=still.to_team_name)
    handoff, events = moves.requested(await _hop(work, case, asking, receiver, earlier), facts_of(case))
    after = await begin_hop(work, case, handoff)
    await _keep(work, after, (handoff, events))
    data = {"reason": handoff.reason, "request": handoff.request, "channel": handoff.channel, "hop": handoff.hop}
    await _note(work, after, handoff, "handoff_requested", **data)
    return handoff


async def accept_handoff(work: Work, *, handoff_id: UUID, said: Said, note: str | None) -> Handoff:
    """Take the work on; said once more by the same person it answers the same."""
    case, handoff = await _loaded(work, handoff_id)
    reply = await _reply(work, handoff, said)
    if handoff.state == "accepted" and handoff.receiver == reply.by:
        return handoff
    return await accept(work, case, handoff, reply, note=note)


async def accept(work: Work, case: Case, handoff: Handoff, reply: Reply, *, note: str | None) -> Handoff:
    """The receiver takes a hand-off on, whichever way it was said."""
    hours = await hours_of_team(work.conn, handoff.to_team_id)
    after = await _keep(work, case, moves.accepted(handoff, facts_of(case), hours, reply, note=note))
    await _note(work, case, after, "handoff_accepted", by=reply.by, name=reply.name, note=note)
    return after


async def refuse_handoff(work: Work, *, handoff_id: UUID, said: Said, reason: str) -> Handoff:
    """Say no; the work is the sender's again."""
    case, handoff = await _loaded(work, handoff_id)
    reply = await _reply(work, handoff, said)
    if handoff.state == "refused":
        return handoff
    return await refuse(work, case, handoff, reply, reason=reason)


async def refuse(work: Work, case: Case, handoff: Handoff, reply: Reply, *, reason: str) -> Handoff:
    """The receiver says no, whichever way it was said."""
    after = await _keep(work, case, moves.refused(handoff, facts_of(case), reply, reason=reason))
    await _note(work, case, after, "handoff_refused", by=reply.by, name=reply.name, reason=reason)
    await _ended(work, case, after)
    return after


async def return_handoff(work: Work, *, handoff_id: UUID, said: Said, note: str) -> Handoff:
    """Give it back to the sender, with what is to be known."""
    case, handoff = await _loaded(work, handoff_id)
    reply = await _reply(work, handoff, said)
    moved = moves.returned(handoff, facts_of(case), reply, why="given_back", note=note, now=reply.at)
    after = await _keep(work, case, moved)
    await _note(work, case, after, "handoff_returned", why="given_back", by=reply.by, note=note)
    await _ended(work, case, after)
    return after


async def give_up(work: Work, case: Case, handoff: Handoff) -> Handoff:
    """Nobody accepted it: it goes back to the sender."""
    moved = moves.returned(handoff, facts_of(case), None, why="not_accepted", note=None, now=work.now)
    after = await _keep(work, case, moved)
    await _note(work, case, after, "handoff_returned", why="not_accepted")
    await _ended(work, case, after)
    return after


async def withdraw_handoff(work: Work, *, handoff_id: UUID, reason: str | None) -> Handoff:
    """The sender takes the question back."""
    case, handoff = await _loaded(work, handoff_id)
    await require_worker(work.conn, work.actor, case)
    if handoff.state == "withdrawn":
        return handoff
    by = person_of(work.actor).staff_no
    after = await _keep(work, case, moves.withdrawn(handoff, facts_of(case), by=by, reason=reason, now=work.now))
    await _note(work, case, after, "handoff_withdrawn", reason=reason)
    await _ended(work, case, after)
    return after


async def report_progress(work: Work, *, handoff_id: UUID, said: Said, note: str, eta_at: datetime | None) -> Handoff:
    """Say where the work stands, without being asked."""
    case, handoff = await _loaded(work, handoff_id)
    reply = await _reply(work, handoff, said)
    after = await _keep(work, case, moves.progressed(handoff, facts_of(case), reply, note=note, eta_at=eta_at))
    await _note(work, case, after, "handoff_progressed", by=reply.by, note=note, eta_at=eta_at)
    return after


async def answer_handoff(work: Work, *, handoff_id: UUID, said: Said, answer: str) -> Handoff:
    """Answer; the sender now owes the customer the word."""
    case, handoff = await _loaded(work, handoff_id)
    reply = await _reply(work, handoff, said)
    rules.require_accepted(handoff)
    hours = await hours_of_team(work.conn, handoff.to_team_id)
    own = await hours_of_team(work.conn, case.team_id, case.zone)
    moved = moves.answered(
        handoff,
        facts_of(case),
        hours,
        reply,
        answer=answer,
        word_due_at=minutes_after(own, work.now, handoff.terms.word_minutes),
    )
    after = await _keep(work, case, moved)
    await _note(work, case, after, "handoff_answered", by=reply.by, name=reply.name, answer=answer)
    case = await after_hop(work, case, news=True)
    await overtake_progress(work, after.handoff_id, case.case_id)
    await owe_word(work, case, after, answer)
    return after


async def close_handoff(work: Work, *, handoff_id: UUID) -> Handoff:
    """Close an answered hop once the customer was told; closed once more it answers the same."""
    case, handoff = await _loaded(work, handoff_id)
    await require_worker(work.conn, work.actor, case)
    if handoff.state == "closed":
        return handoff
    return await close_told(work, case, handoff, by=person_of(work.actor).staff_no)


async def _ended(work: Work, case: Case, handoff: Handoff) -> None:
    """A hop ended without an answer: the work is the sender's again."""
    await overtake_progress(work, handoff.handoff_id, case.case_id)
    await after_hop(work, case, news=False)


async def _receiver(work: Work, asking: Asking) -> Receiver:
    found = await store.find_receiver(work.conn, asking.to_team)
    if found is None:
        raise Refusal("invalid-value", faults=(Fault("to_team", "team-unknown", {"team": asking.to_team}),))
    if not found.active:
        raise Refusal("invalid-value", faults=(Fault("to_team", "partner-inactive", {"name": found.name}),))
    if found.partner_channel and asking.channel == "system":
        raise Refusal("invalid-value", faults=(Fault("channel", "partner-outside-system", {"name": found.name}),))
    return found


async def _hop(work: Work, case: Case, asking: Asking, receiver: Receiver, earlier: Sequence[Handoff]) -> Handoff:
    policy = (
        await rules_for(work.conn, case_type=case.case_type, type_version=case.type_version, team_id=case.team_id)
    ).policy
    hours = await hours_of_team(work.conn, receiver.team_id, receiver.zone)
    terms, ack_due_at, due_at = moves.due_times(
        policy.handoff, hours, work.now, ack_within_minutes=asking.ack_within_minutes, work_days=asking.work_days
    )
    channel = asking.channel or receiver.partner_channel or "system"
    named = await person_named(work.conn, asking.receiver) if asking.receiver else None
    sender = person_of(work.actor)
    return Handoff(
        handoff_id=new_id(),
        case_id=case.case_id,
        hop=len(earlier) + 1,
        from_team_id=case.team_id,
        from_team_name=case.team_name,
        sender=case.owner or sender.staff_no,
        sender_name=(case.owner_name if case.owner else None) or sender.name,
        to_team_id=receiver.team_id,
        to_team_code=receiver.code,
        to_team_name=receiver.name,
        channel=channel,
        external=channel != "system",
        reason=asking.reason,
        request=asking.request,
        terms=terms,
        requested_at=work.now,
        ack_due_at=ack_due_at,
        due_at=due_at,
        receiver=named.staff_no if named else None,
        receiver_name=named.name if named else None,
        previous_handoff_id=earlier[-1].handoff_id if earlier else None,
        updated_at=work.now,
    )


async def _loaded(work: Work, handoff_id: UUID) -> tuple[Case, Handoff]:
    """A hand-off with its case, both locked, the case first; 404 for who may see neither."""
    case_id = await store.case_of(work.conn, "handoff", handoff_id)
    if case_id is None:
        raise Refusal("not-found", noun="hand-off", what=handoff_id)
    case = await load_case(work.conn, case_id)
    handoff = await store.find_handoff(work.conn, handoff_id)
    assert handoff
    sight = await sight_of(work.conn, work.actor)
    if not (sight.sees(case) or _is_receiver(work, sight, handoff)):
        raise Refusal("not-found", noun="hand-off", what=handoff_id)
    return case, handoff


async def _reply(work: Work, handoff: Handoff, said: Said) -> Reply:
    """Whose words these are. The receiver speaks for itself; of a partner's words the sender keeps who and when."""
    sight = await sight_of(work.conn, work.actor)
    person, at = person_of(work.actor), said.at or work.now
    rules.require_sensible_reply(handoff, at, now=work.now)
    if not sight.sees_all and _is_receiver(work, sight, handoff):
        return Reply(by=person.staff_no, name=person.name, at=at)
    if not handoff.external:
        if not sight.sees_all:
            raise Refusal("handoff-not-for-you", team=handoff.to_team_name)
        named = await person_named(work.conn, said.by) if said.by else None
        if named:
            return Reply(by=named.staff_no, name=named.name, at=at, recorded_by=person.staff_no)
        return Reply(by=person.staff_no, name=person.name, at=at)
    if said.by is None:
        raise Refusal("reply-needs-who", faults=(Fault("by", "reply-needs-who", {}),))
    return Reply(by=said.by, name=said.by, at=at, recorded_by=person.staff_no)


def _is_receiver(work: Work, sight: Sight, handoff: Handoff) -> bool:
    return sight.sees_all or handoff.is_receiver(sight.teams, work.actor.teams)


async def _keep(work: Work, case: Case, moved: Transition) -> Handoff:
    """Store a hop, tell what became of it, and set or forget its timer."""
    handoff, events = moved
    await store.save_handoff(work.conn, handoff)
    for event in events:
        work.record(event, sequence=handoff.version)
    if handoff.next_step_at:
        await set_timers(work, [Timer(kind=HANDOFF, subject_id=handoff.handoff_id, due_at=handoff.next_step_at)])
    else:
        await cancel_timers(work, HANDOFF, [handoff.handoff_id])
    return handoff


async def _note(work: Work, case: Case, handoff: Handoff, kind: str, **data: object) -> None:
    known = {name: value for name, value in data.items() if value is not None}
    known |= {"handoff_id": handoff.handoff_id, "to_team": handoff.to_team_name}
    await add_entry(work, case, kind, "shared", known)
