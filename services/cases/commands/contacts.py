"""Recording contacts, one or many: the same rules, the same statement, the same event."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import fields
from typing import Any, NamedTuple
from uuid import UUID

from services.cases.domain.contact import (
    BATCH,
    DEFAULT_ZONE,
    Contact,
    Names,
    Row,
    Told,
    fact_again,
    fact_of,
    faults_of,
)
from services.cases.store import contacts as store
from services.cases.store.contacts import Entry, Written
from shared.contracts.cases import ContactFact, ContactRecorded
from shared.contracts.refusal import Fault, Refusal
from shared.platform.ids import new_id, stable_id
from shared.platform.work import Work

TOGETHER = 2 * BATCH
"""Contacts to one statement."""

TURN = 50
"""Contacts prepared before the database's answers are heard, and other requests get their turn."""


class RowOutcome(NamedTuple):
    """What became of one row: created, updated, unchanged or error."""

    row: int
    outcome: str
    contact_id: UUID | None = None
    faults: tuple[Fault, ...] = ()


def contact_id_of(external_id: str) -> UUID:
    """The id of the contact that its source knows by this id: the same each time it is told."""
    return stable_id("contact", external_id)


async def write_contact(work: Work, *, told: Told) -> tuple[str, Contact]:
    """Record one contact, at its start or after its end; told again it changes nothing, told otherwise it corrects."""
    if faults := tuple(faults_of(told)):
        raise Refusal("invalid-value", faults=faults)
    written = await store.write_contact(work.conn, _entry(told), now=work.now, zone=DEFAULT_ZONE)
    if written.customer_unknown:
        raise Refusal("invalid-value", faults=(_customer_unknown(told),))
    if written.version == 1 and written.names:
        fact = _fact(written.entry, 1, written.names)
        _record(work, [fact])
        return "created", Contact(**_values(fact), external_id=told.external_id, updated_at=work.now)
    contact = await store.load_contact(work.conn, written.entry.contact_id)
    if written.version is not None:
        _record(work, [fact_again(contact)])
    return _outcome(written), contact


async def record_contacts(work: Work, *, rows: Sequence[Row], dry_run: bool = False) -> list[RowOutcome]:
    """Record the good rows and say what became of each; a faulty row changes nothing and stops no other.

    A dry run does the same and undoes it.
    """
    outcomes = [RowOutcome(row.number, "error", faults=row.faults) for row in rows if row.told is None]
    await store.make_room(work.conn)
    if dry_run:
        await store.set_mark(work.conn)
    async with aclosing(_written(work, _chunks(_entries(rows, outcomes)))) as chunks:
        async for numbers, written in chunks:
            outcomes += map(_row_outcome, numbers, written)
            facts = await _in_turns(
                _fact(one.entry, one.version, one.names) for one in written if one.version and one.names
            )
            if not dry_run:
                _record(work, facts)
    if dry_run:
        await store.undo_to_mark(work.conn)
    return sorted(outcomes, key=lambda outcome: outcome.row)


def _entries(rows: Sequence[Row], outcomes: list[RowOutcome]) -> Iterator[tuple[int, Entry]]:
    """The rows that can be written, in one order for everybody, so that two batches never wait for each other."""
    told = [(row.number, row.told) for row in rows if row.told is not None]
    for number, one in sorted(told, key=lambda pair: pair[1].external_id or ""):
        if faults := tuple(faults_of(one)):
            outcomes.append(RowOutcome(number, "error", faults=faults))
        else:
            yield number, _entry(one)


async def _in_turns(facts: Iterable[ContactFact]) -> list[ContactFact]:
    made: list[ContactFact] = []
    for fact in facts:
        made.append(fact)
        if len(made) % TURN == 0:
            await asyncio.sleep(0)
    return made


async def _chunks(entries: Iterable[tuple[int, Entry]]) -> AsyncGenerator[list[tuple[int, Entry]], None]:
    """Up to TOGETHER at a time, each contact once: told twice in one batch, it is corrected by the second."""
    chunk: list[tuple[int, Entry]] = []
    for number, entry in entries:
        if len(chunk) == TOGETHER or (chunk and chunk[-1][1].contact_id == entry.contact_id):
            yield chunk
            chunk = []
        chunk.append((number, entry))
        if len(chunk) % TURN == 0:
            await asyncio.sleep(0)
    if chunk:
        yield chunk


async def _written(
    work: Work, chunks: AsyncIterable[list[tuple[int, Entry]]]
) -> AsyncGenerator[tuple[list[int], list[Written]], None]:
    """Write chunk after chunk; while the database writes one, the next is prepared and the last accounted for."""
    writing: asyncio.Task[tuple[list[int], list[Written]]] | None = None
    try:
        async for chunk in chunks:
            done = await writing if writing else None
            writing = asyncio.create_task(_write(work, chunk))
            if done:
                yield done
        if writing:
            yield await writing
    finally:
        if writing and not writing.done():
            await asyncio.wait([writing])


async def _write(work: Work, chunk: list[tuple[int, Entry]]) -> tuple[list[int], list[Written]]:
    entries = [entry for _, entry in chunk]
    await work.flush()
    written = await store.write_contacts(work.conn, entries, now=work.now, zone=DEFAULT_ZONE)
    return [number for number, _ in chunk], written


def _entry(told: Told) -> Entry:
    contact_id = new_id() if told.external_id is None else contact_id_of(told.external_id)
    return Entry(contact_id, store.fingerprint(told), told)


def _fact(entry: Entry, version: int, names: Names) -> ContactFact:
    return fact_of(entry.told, names, contact_id=entry.contact_id, version=version)


def _record(work: Work, facts: Sequence[ContactFact]) -> None:
    for start in range(0, len(facts), BATCH):
        work.record(ContactRecorded(batch_id=new_id(), contacts=tuple(facts[start : start + BATCH])), sequence=1)


def _row_outcome(number: int, written: Written) -> RowOutcome:
    if written.customer_unknown:
        return RowOutcome(number, "error", faults=(_customer_unknown(written.entry.told),))
    return RowOutcome(number, _outcome(written), written.entry.contact_id)


def _outcome(written: Written) -> str:
    if written.version is None:
        return "unchanged"
    return "created" if written.version == 1 else "updated"


def _customer_unknown(told: Told) -> Fault:
    field = "customer_id" if told.customer_id else "customer_external_id"
    return Fault(field, "customer-unknown", {})


_FACT = [field.name for field in fields(ContactFact)]


def _values(fact: ContactFact) -> dict[str, Any]:
    return {name: getattr(fact, name) for name in _FACT}
