"""Acknowledgements, their rungs and their one timer."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Integer, Row, Table, Text, Uuid, bindparam, delete, func, select, update

from services.notify import tables
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.ladder import TIMER, Chain, Rung, next_wake
from services.notify.domain.manner import Manner
from shared.contracts.refusal import Refusal
from shared.platform.db import Hot, driver_of
from shared.platform.kernel import Moment
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work

Question = tuple[Acknowledgement, tuple[Rung, ...]]
"""A question and its ladder."""

_RUNG = tuple(Rung.__dataclass_fields__)
_CLIMBED = ("state", "staff_no", "sent_at", "outcome")
_ABOVE = ("lead", "supervisor", "manager")


async def load_acknowledgement(work: Work, acknowledgement_id: UUID) -> Acknowledgement:
    """Load and lock one; 404 when there is none."""
    table = tables.acknowledgements
    found = select(table).where(table.c.acknowledgement_id == acknowledgement_id).with_for_update()
    row = (await work.conn.execute(found)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="acknowledgement", what=acknowledgement_id)
    return _acknowledgement(row)


async def newest_about(
    work: Work, subject_type: str, subject_ids: Collection[UUID]
) -> dict[UUID, list[Acknowledgement]]:
    """Load and lock the newest questions about subjects: those of its latest version, to one person or several."""
    table = tables.acknowledgements
    newer = table.alias()
    latest = (
        select(func.max(newer.c.subject_version))
        .where(newer.c.subject_type == table.c.subject_type, newer.c.subject_id == table.c.subject_id)
        .scalar_subquery()
    )
    about = select(table).where(table.c.subject_type == subject_type, table.c.subject_id.in_(subject_ids))
    found = about.where(table.c.subject_version == latest).order_by(table.c.acknowledgement_id).with_for_update()
    by_subject: dict[UUID, list[Acknowledgement]] = {}
    for row in await work.conn.execute(found):
        by_subject.setdefault(row.subject_id, []).append(_acknowledgement(row))
    return by_subject


@asynccontextmanager
async def attempt(work: Work) -> AsyncIterator[None]:
    """A part of the transaction that is undone alone when it fails, with the events it recorded."""
    recorded = len(work.recorded)
    try:
        async with (await driver_of(work.conn)).transaction():
            yield
    except BaseException:
        del work.recorded[recorded:]
        raise


async def load_questions(work: Work, acknowledgement_ids: Collection[UUID]) -> list[Acknowledgement]:
    """Load and lock questions."""
    table = tables.acknowledgements
    found = (
        select(table).where(table.c.acknowledgement_id.in_(acknowledgement_ids)).order_by(table.c.acknowledgement_id)
    )
    return [_acknowledgement(row) for row in await work.conn.execute(found.with_for_update())]


async def add_questions(work: Work, questions: Sequence[Question]) -> None:
    """Save new questions with their ladders and their timers."""
    if not questions:
        return
    await _copy(work, tables.acknowledgements, [_row(ack) for ack, _ in questions])
    await _copy(
        work,
        tables.rungs,
        [{"acknowledgement_id": ack.acknowledgement_id, **_values(rung)} for ack, rungs in questions for rung in rungs],
    )
    await set_timers(work, [_timer(ack, rungs) for ack, rungs in questions if ack.state == "open"])


async def save_questions(work: Work, questions: Sequence[Question]) -> None:
    """Save what transitions changed in questions and their ladders, and set or cancel their timers."""
    rows = [_row(ack) for ack, _ in questions]
    await _UPDATE.run_many(work.conn, [_as_text(row) | {"key": row["acknowledgement_id"]} for row in rows])
    climbed = [
        {"key": ack.acknowledgement_id, "at": rung.number, **{name: getattr(rung, name) for name in _CLIMBED}}
        for ack, rungs in questions
        for rung in rungs
        if rung.state != "due"
    ]
    await _UPDATE_RUNG.run_many(work.conn, climbed)
    await set_timers(work, [_timer(ack, rungs) for ack, rungs in questions if ack.state == "open"])
    over = [ack.acknowledgement_id for ack, _ in questions if ack.state != "open"]
    await cancel_timers(work, TIMER, over)


async def save_acknowledgement(work: Work, ack: Acknowledgement) -> None:
    """Save what a transition changed."""
    table = tables.acknowledgements
    await work.conn.execute(update(table).where(table.c.acknowledgement_id == ack.acknowledgement_id).values(_row(ack)))


async def load_rungs(work: Work, acknowledgement_ids: Collection[UUID]) -> dict[UUID, tuple[Rung, ...]]:
    """Questions' ladders, each from the first rung on."""
    rows = await _RUNGS.run(work.conn, ids=list(acknowledgement_ids))
    found: dict[UUID, list[Rung]] = {}
    for row in rows:
        found.setdefault(row["acknowledgement_id"], []).append(Rung(**{name: row[name] for name in _RUNG}))
    return {acknowledgement_id: tuple(rungs) for acknowledgement_id, rungs in found.items()}


async def take_due(work: Work, limit: int) -> list[Timer]:
    """Claim further ladders that are due, so that they climb together; others' are passed over."""
    return [Timer(**row) for row in await _TAKE.run(work.conn, now=work.now, kind=TIMER, at_most=limit)]


def _timer(ack: Acknowledgement, rungs: Sequence[Rung]) -> Timer:
    wake = next_wake(rungs, ack.deadline)
    return Timer(kind=TIMER, subject_id=ack.acknowledgement_id, due_at=wake.at, version=wake.rung)


def _row(ack: Acknowledgement) -> dict[str, Any]:
    row = {name: getattr(ack, name) for name in Acknowledgement.__dataclass_fields__ if name != "chain"}
    above = {name: getattr(ack.chain, name) for name in _ABOVE}
    return row | above | {"manner": _stored(ack.manner)}


@cache
def _stored(manner: Manner) -> dict[str, Any]:
    return asdict(manner)


def _acknowledgement(row: Row[Any]) -> Acknowledgement:
    values = dict(row._mapping)
    chain = Chain(recipient=row.staff_no, **{name: values.pop(name) for name in _ABOVE})
    return Acknowledgement(**values | {"chain": chain, "manner": Manner(**row.manner)})


def _values(rung: Rung) -> dict[str, Any]:
    return {name: getattr(rung, name) for name in _RUNG}


def _as_text(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json.dumps(value) if isinstance(value, dict) else value for name, value in row.items()}


async def _copy(work: Work, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows by COPY, which takes thousands at once."""
    columns = table.columns.keys()
    texts = (_as_text(row) for row in rows)
    records = [tuple(row[name] for name in columns) for row in texts]
    driver = await driver_of(work.conn)
    await driver.copy_records_to_table(table.name, schema_name=table.schema, columns=columns, records=records)


_TABLE, _LADDER, _TIMERS = tables.acknowledgements, tables.rungs, tables.kernel.timers
_CHANGED = (
    *_ABOVE, "state", "opened_at", "answer", "answered_at", "channel", "reason", "ended_at", "reminded_at",
    "reminder_count", "version",
)  # fmt: skip
_UPDATE = Hot(
    update(_TABLE)
    .where(_TABLE.c.acknowledgement_id == bindparam("key", type_=Uuid))
    .values({name: bindparam(name) for name in _CHANGED})
)
_UPDATE_RUNG = Hot(
    update(_LADDER)
    .where(_LADDER.c.acknowledgement_id == bindparam("key", type_=Uuid))
    .where(_LADDER.c.number == bindparam("at", type_=Integer))
    .values({name: bindparam(name) for name in _CLIMBED})
)
_RUNGS = Hot(
    select(_LADDER)
    .where(_LADDER.c.acknowledgement_id == bindparam("ids", type_=ARRAY(Uuid)).any_())
    .order_by(_LADDER.c.acknowledgement_id, _LADDER.c.number)
)
_DUE = (
    select(_TIMERS.c.kind, _TIMERS.c.subject_id)
    .where(_TIMERS.c.kind == bindparam("kind", type_=Text), _TIMERS.c.due_at <= bindparam("now", type_=Moment))
    .order_by(_TIMERS.c.due_at)
    .limit(bindparam("at_most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_TAKE = Hot(
    delete(_TIMERS)
    .where(_TIMERS.c.kind == _DUE.c.kind, _TIMERS.c.subject_id == _DUE.c.subject_id)
    .returning(_TIMERS.c.kind, _TIMERS.c.subject_id, _TIMERS.c.due_at, _TIMERS.c.version)
)
