"""The newest word of its owner about each subject. A late announcement is measured against it (a tombstone)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.notify import tables
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the owner last said: `content` is that event as JSON, `sequence` its place in the subject's history."""

    subject_type: str
    subject_id: UUID
    sequence: int
    state: str
    content: dict[str, Any]


async def keep_subject(work: Work, subject: Subject) -> Subject | None:
    """Note the owner's word; returns the newer (or same) word already known, when there is one."""
    table = tables.subjects
    new = insert(table).values({name: getattr(subject, name) for name in Subject.__dataclass_fields__})
    newer = new.excluded.sequence > table.c.sequence
    taken = await work.conn.execute(
        new.on_conflict_do_update(
            index_elements=[table.c.subject_type, table.c.subject_id],
            set_={name: new.excluded[name] for name in ("sequence", "state", "content")},
            where=newer,
        ).returning(table.c.sequence)
    )
    if taken.first() is not None:
        return None
    known = select(table).where(table.c.subject_type == subject.subject_type, table.c.subject_id == subject.subject_id)
    return Subject(**(await work.conn.execute(known)).one()._mapping)
