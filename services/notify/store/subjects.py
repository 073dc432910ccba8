"""The newest word of its owner about each subject. A late announcement is measured against it (a tombstone)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Text, Uuid, bindparam, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.notify import tables
from shared.platform.db import Hot
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What the owner last said: `content` is that event as JSON, `sequence` its place in the subject's history."""

    subject_type: str
    subject_id: UUID
    sequence: int
    state: str
    content: dict[str, Any]


async def keep_subjects(work: Work, subjects: Sequence[Subject]) -> dict[tuple[str, UUID], Subject]:
    """Note the owners' words about different subjects; returns, by type and id, the newer (or same) words already
    known instead."""
    rows = await _KEEP.run(
        work.conn,
        types=[subject.subject_type for subject in subjects],
        ids=[subject.subject_id for subject in subjects],
        sequences=[subject.sequence for subject in subjects],
        states=[subject.state for subject in subjects],
        contents=[json.dumps(subject.content) for subject in subjects],
    )
    taken = {(row["subject_type"], row["subject_id"]) for row in rows}
    behind = [key for subject in subjects if (key := (subject.subject_type, subject.subject_id)) not in taken]
    if not behind:
        return {}
    known = select(_TABLE).where(tuple_(_TABLE.c.subject_type, _TABLE.c.subject_id).in_(behind))
    found = [Subject(**row) for row in (await work.conn.execute(known)).mappings()]
    return {(subject.subject_type, subject.subject_id): subject for subject in found}


def _keep() -> Hot:
    given = (
        func.unnest(
            bindparam("types", type_=ARRAY(Text)),
            bindparam("ids", type_=ARRAY(Uuid)),
            bindparam("sequences", type_=ARRAY(BigInteger)),
            bindparam("states", type_=ARRAY(Text)),
            bindparam("contents", type_=ARRAY(Text)),
        )
        .table_valued("subject_type", "subject_id", "sequence", "state", "content")
        .render_derived()
    )
    columns = [given.c.subject_type, given.c.subject_id, given.c.sequence, given.c.state, cast(given.c.content, JSONB)]
    new = insert(_TABLE).from_select([*Subject.__dataclass_fields__], select(*columns))
    return Hot(
        new.on_conflict_do_update(
            index_elements=[_TABLE.c.subject_type, _TABLE.c.subject_id],
            set_={name: new.excluded[name] for name in ("sequence", "state", "content")},
            where=new.excluded.sequence > _TABLE.c.sequence,
        ).returning(_TABLE.c.subject_type, _TABLE.c.subject_id)
    )


_TABLE = tables.subjects
_KEEP = _keep()
