"""Acknowledgements, their rungs and their one timer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from services.notify.domain.acknowledgement import Acknowledgement
from services.notify.domain.ladder import TIMER, Chain, Rung, next_wake
from shared.contracts.refusal import Refusal
from shared.platform.timers import Timer, cancel_timers, set_timers
from shared.platform.work import Work


async def load_acknowledgement(work: Work, acknowledgement_id: UUID) -> Acknowledgement:
    """Load and lock one; 404 when there is none."""
    table = tables.acknowledgements
    found = select(table).where(table.c.acknowledgement_id == acknowledgement_id).with_for_update()
    row = (await work.conn.execute(found)).one_or_none()
    if row is None:
        raise Refusal("not-found", what=f"acknowledgement {acknowledgement_id}")
    return _acknowledgement(row)


async def newest_about(work: Work, subject_type: str, subject_id: UUID) -> Acknowledgement | None:
    """Load and lock the newest question about a subject."""
    table = tables.acknowledgements
    found = (
        select(table)
        .where(table.c.subject_type == subject_type, table.c.subject_id == subject_id)
        .order_by(table.c.subject_version.desc())
        .limit(1)
        .with_for_update()
    )
    row = (await work.conn.execute(found)).one_or_none()
    return _acknowledgement(row) if row else None


async def add_acknowledgement(work: Work, ack: Acknowledgement, rungs: Sequence[Rung]) -> None:
    """Save a new question with its ladder and its timer."""
    await work.conn.execute(insert(tables.acknowledgements).values(_row(ack)))
    await save_rungs(work, ack, rungs)
    await keep_timer(work, ack, rungs)


async def save_acknowledgement(work: Work, ack: Acknowledgement) -> None:
    """Save what a transition changed."""
    table = tables.acknowledgements
    await work.conn.execute(update(table).where(table.c.acknowledgement_id == ack.acknowledgement_id).values(_row(ack)))


async def load_rungs(work: Work, acknowledgement_id: UUID) -> tuple[Rung, ...]:
    """A question's ladder, from the first rung on."""
    table = tables.rungs
    found = select(table).where(table.c.acknowledgement_id == acknowledgement_id).order_by(table.c.number)
    rows = (await work.conn.execute(found)).mappings()
    return tuple(Rung(**{name: row[name] for name in Rung.__dataclass_fields__}) for row in rows)


async def save_rungs(work: Work, ack: Acknowledgement, rungs: Sequence[Rung]) -> None:
    """Save a ladder as it now stands."""
    table = tables.rungs
    rows = [{"acknowledgement_id": ack.acknowledgement_id, **asdict(rung)} for rung in rungs]
    new = insert(table)
    changing = ("state", "staff_no", "sent_at", "outcome")
    await work.conn.execute(
        new.on_conflict_do_update(
            index_elements=[table.c.acknowledgement_id, table.c.number],
            set_={name: new.excluded[name] for name in changing},
        ),
        rows,
    )


async def keep_timer(work: Work, ack: Acknowledgement, rungs: Sequence[Rung]) -> None:
    """An open question has exactly one timer, for its next rung or its lapse; a closed one has none."""
    if ack.state != "open":
        await cancel_timers(work, TIMER, [ack.acknowledgement_id])
        return
    wake = next_wake(rungs, ack.deadline)
    await set_timers(work, [Timer(kind=TIMER, subject_id=ack.acknowledgement_id, due_at=wake.at, version=wake.rung)])


def _row(ack: Acknowledgement) -> dict[str, object]:
    row = {name: getattr(ack, name) for name in Acknowledgement.__dataclass_fields__ if name != "chain"}
    return row | {"lead": ack.chain.lead, "supervisor": ack.chain.supervisor}


def _acknowledgement(row: Row[tuple[object, ...]]) -> Acknowledgement:
    values = dict(row._mapping)
    chain = Chain(recipient=row.staff_no, lead=values.pop("lead"), supervisor=values.pop("supervisor"))
    return Acknowledgement(**values, chain=chain)
