"""Who has a case: taken, assigned, given back, transferred with a reason."""

from __future__ import annotations

from uuid import UUID

from services.cases.commands.keeping import keep_case
from services.cases.domain import case_ownership as rules
from services.cases.domain.case import Case, require_active
from services.cases.queries.sight import person_of, require_lead, require_worker
from services.cases.store.cases import add_entry, load_case
from services.cases.store.people import Member, find_member
from shared.contracts.refusal import Fault, Refusal
from shared.platform.work import Work


async def take_case(work: Work, *, case_id: UUID) -> Case:
    """Make an unowned case (of one's team) one's own and begin; taking one's own begins it."""
    case = await load_case(work.conn, case_id)
    await require_worker(work.conn, work.actor, case)
    require_active(case)
    me = person_of(work.actor)
    rules.require_free(case, me.staff_no)
    if case.owner == me.staff_no and case.state != "open":
        return case
    return await _owned(work, case, Member(me, None), "taken")


async def assign_case(work: Work, *, case_id: UUID, to: str) -> Case:
    """The lead names the owner. Being assigned is not taking it on."""
    case = await load_case(work.conn, case_id)
    await require_lead(work.conn, work.actor, case)
    member = await _member(work, to)
    return case if case.owner == to else await _owned(work, case, member, "assigned")


async def release_case(work: Work, *, case_id: UUID, note: str | None) -> Case:
    """The owner (or the lead) gives the case back into its team's queue."""
    case = await load_case(work.conn, case_id)
    await _require_owner_or_lead(work, case)
    after, event = rules.released(case, by=person_of(work.actor).staff_no, now=work.now)
    after = await keep_case(work, case, after, event)
    await add_entry(work, after, "released", data={"from": case.owner, "note": note})
    return after


async def transfer_case(work: Work, *, case_id: UUID, to: str, reason_code: str, note: str | None) -> Case:
    """Give the case to another agent, who may be in another team; counted by whom it leaves."""
    case = await load_case(work.conn, case_id)
    await _require_owner_or_lead(work, case)
    member = await _member(work, to)
    after, event = rules.transferred(case, member.person, team=member.team, reason_code=reason_code, now=work.now)
    after = await keep_case(work, case, after, event)
    told = {"from": case.owner, "to": to, "to_name": member.person.name, "reason_code": reason_code, "note": note}
    await add_entry(work, after, "transferred", data=told)
    return after


async def _owned(work: Work, case: Case, member: Member, how: str) -> Case:
    by = person_of(work.actor).staff_no
    after, event = rules.assigned(case, member.person, team=member.team, how=how, by=by, now=work.now)
    after = await keep_case(work, case, after, event)
    await add_entry(work, after, how, data={"to": after.owner, "to_name": after.owner_name, "from": case.owner})
    return after


async def _member(work: Work, staff_no: str) -> Member:
    member = await find_member(work.conn, staff_no)
    if member is None:
        raise Refusal("invalid-value", faults=(Fault("to", "staff-no-unknown", {"staff_no": staff_no}),))
    return member


async def _require_owner_or_lead(work: Work, case: Case) -> None:
    sight = await require_worker(work.conn, work.actor, case)
    if case.owner != sight.staff_no and not sight.leads(case):
        raise Refusal("not-yours")
