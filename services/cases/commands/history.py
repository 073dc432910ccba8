"""Taking over another desk's log: every ticket becomes a case with its history at the original times.

Nothing of it is news: the cases are marked historic, have no clocks, and ask nobody anything. A ticket that is known
already is left as it is, so importing once more changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from services.cases.domain.case import Case, quadrant_of
from services.cases.domain.fields import CaseType
from services.cases.domain.handoff import Handoff
from services.cases.domain.history import History, Hop, Misfits, Update, history_of
from services.cases.domain.history_events import told_events
from services.cases.domain.sla_policy import HandoffTerms
from services.cases.store import history as store
from services.cases.store.case_types import newest_case_type
from services.cases.store.contacts import set_mark, undo_to_mark
from shared.contracts.refusal import Fault
from shared.platform.ids import stable_id
from shared.platform.work import Work

CASES_AT_ONCE = 500
MISFITS_SHOWN = 10_000

Read = Update | tuple[int, Fault]


@dataclass(slots=True)
class Account:
    """What became of a log, in numbers and, for what could not be placed, row by row."""

    rows: int = 0
    created: int = 0
    unchanged: int = 0
    closed: int = 0
    reassignments: int = 0
    reopened: int = 0
    waits: int = 0
    handoffs: int = 0
    resolutions: int = 0
    sla_met: int = 0
    sla_missed: int = 0
    misfits: Misfits = field(default_factory=Misfits)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the cases come to: their type and zone, and which of the log's groups are teams here."""

    kind: CaseType
    zone: str
    groups: Mapping[str, tuple[UUID, str]]


async def import_history(work: Work, *, updates: Iterable[Read], case_type: str, zone: str, dry_run: bool) -> Account:
    """Take a log over; a dry run does the same and undoes it."""
    account = Account()
    kind = await newest_case_type(work.conn, case_type)
    await set_mark(work.conn)
    await store.begin_import(work.conn)
    await _take_in(work, iter(updates), account)
    into = Desk(kind, zone, await store.groups_known(work.conn))
    batch: list[History] = []
    async for ticket in store.tickets(work.conn):
        if found := history_of(ticket, account.misfits):
            batch.append(found)
        if len(batch) == CASES_AT_ONCE:
            await _write(work, batch, into, account)
            batch = []
    await _write(work, batch, into, account)
    if dry_run:
        work.recorded.clear()
        await undo_to_mark(work.conn)
    account.misfits.found.sort(key=lambda misfit: misfit[0])
    return account


async def _take_in(work: Work, updates: Iterator[Read], account: Account) -> None:
    """Rows into the waiting table, some thousand at a time; parsing does not keep others waiting."""
    while piece := await asyncio.to_thread(lambda: list(islice(updates, store.AT_ONCE))):
        account.rows += len(piece)
        account.misfits.found += [one for one in piece if isinstance(one, tuple)]
        await store.keep_updates(work.conn, [one for one in piece if isinstance(one, Update)])


async def _write(work: Work, batch: Sequence[History], into: Desk, account: Account) -> None:
    known = await store.known_numbers(work.conn, [one.number for one in batch])
    new = [one for one in batch if one.number not in known]
    account.unchanged += len(batch) - len(new)
    made = [(one, _case(one, into, work.now)) for one in new]
    hops = [_hop(case, hop, place) for one, case in made for place, hop in enumerate(one.hops, start=1)]
    entries = [entry for one, case in made for entry in _entries(one, case)]
    await store.write_cases(work.conn, [case for _, case in made], entries, hops)
    for one, case in made:
        _count(account, one)
        for sequence, event in enumerate(told_events(one, case), start=1):
            work.record(event, sequence=sequence)
    await work.flush()


def _case(told: History, into: Desk, now: datetime) -> Case:
    last = told.last
    team_id, team_name = into.groups.get(last.group or "", (None, last.group))
    state = {"handoff": "waiting_team"}.get(last.state, last.state)
    return Case(
        case_id=stable_id("history", told.number),
        version=len(told.moments),
        number=told.number,
        external_id=told.number,
        historic=True,
        state=state,
        case_type=into.kind.code,
        type_version=into.kind.version,
        channel=last.channel[:64],
        subject=(last.subject or told.number)[:200],
        urgency=last.urgency,
        importance=last.importance,
        quadrant=quadrant_of(last.urgency, last.importance),
        zone=into.zone,
        topic=last.topic,
        topic_name=last.topic,
        team_id=team_id,
        team_name=team_name,
        owner=last.assignee,
        owner_name=last.assignee,
        opened_at=told.opened_at,
        opened_by=told.first.opened_by or told.first.updated_by or "",
        waiting_since=told.waiting_since,
        resolution=last.closed_code if told.resolved_at else None,
        resolved_at=told.resolved_at,
        resolved_by=last.resolved_by if told.resolved_at else None,
        closed_at=told.closed_at,
        closed_how="imported" if told.closed_at else None,
        reopen_count=told.reopen_count,
        transfer_count=told.transfer_count,
        updated_at=now,
    )


def _entries(told: History, case: Case) -> Iterator[dict[str, Any]]:
    for moment in told.moments:
        yield {
            "case_id": case.case_id,
            "at": moment.at,
            "kind": moment.what,
            "visibility": "shared",
            "by": moment.by,
            "by_name": moment.by,
            "data": {**moment.data, "historic": True},
        }


def _hop(case: Case, hop: Hop, place: int) -> Handoff:
    """A stretch in which somebody outside was asked. Whether they accepted, the log does not tell."""
    back = hop.back_at
    made = Handoff(
        handoff_id=stable_id("history-hop", case.number, place),
        case_id=case.case_id,
        hop=place,
        state="returned" if back is None else "closed",
        from_team_id=case.team_id,
        from_team_name=case.team_name,
        sender=hop.asked_by or case.opened_by,
        sender_name=hop.asked_by or case.opened_by,
        to_team_id=stable_id("history-party", hop.to),
        to_team_code=hop.to[:64],
        to_team_name=hop.to,
        channel="phone",
        external=True,
        reason=hop.to,
        request=case.subject,
        terms=HandoffTerms(),
        requested_at=hop.asked_at,
        ack_due_at=back or case.updated_at,
        due_at=back or case.updated_at,
        ended_at=back or case.updated_at,
        outcome="returned" if back is None else "answered",
        updated_at=case.updated_at,
    )
    return made if back is None else replace(made, answered_at=back, told_at=back)


def _count(account: Account, told: History) -> None:
    kinds = [moment.what for moment in told.moments]
    account.created += 1
    account.closed += told.closed_at is not None
    account.reassignments += told.transfer_count
    account.reopened += told.reopen_count > 0
    account.waits += kinds.count("waiting")
    account.resolutions += kinds.count("resolved")
    account.handoffs += len(told.hops)
    account.sla_met += told.last.sla_met is True
    account.sla_missed += told.last.sla_met is False
