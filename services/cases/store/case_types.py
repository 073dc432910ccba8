"""Case types: every version stays."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Integer, Text, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.fields import CaseType, case_type_from
from services.cases.tables import case_types
from shared.contracts.refusal import Fault, Refusal
from shared.platform.db import Hot

_VERSION = Hot(
    select(case_types).where(
        case_types.c.code == bindparam("code", type_=Text), case_types.c.version == bindparam("version", type_=Integer)
    )
)
_NEWEST = Hot(
    select(case_types)
    .where(case_types.c.code == bindparam("code", type_=Text))
    .order_by(case_types.c.version.desc())
    .limit(1)
)


async def load_case_type(conn: AsyncConnection, code: str, version: int) -> CaseType:
    """A version that is known to exist: cases keep the one they were opened with."""
    [row] = await _VERSION.run(conn, code=code, version=version)
    return case_type_from(row)


async def find_case_type(conn: AsyncConnection, code: str) -> CaseType | None:
    """A type as it is for new cases; none when there is none."""
    rows = await _NEWEST.run(conn, code=code)
    return case_type_from(rows[0]) if rows else None


async def newest_case_type(conn: AsyncConnection, code: str) -> CaseType:
    """A type as it is for new cases; 422 when there is none."""
    case_type = await find_case_type(conn, code)
    if case_type is None:
        raise Refusal("invalid-value", faults=(Fault("type", "case-type-unknown", {"type": code}),))
    return case_type


async def add_case_type(conn: AsyncConnection, case_type: CaseType) -> None:
    """Store a version; 409 when somebody else stored that one just now."""
    new = insert(case_types).values(asdict(case_type)).on_conflict_do_nothing().returning(case_types.c.code)
    if (await conn.execute(new)).one_or_none() is None:
        raise Refusal("case-type-taken", type=case_type.code)
