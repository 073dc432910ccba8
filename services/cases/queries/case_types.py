"""Looking case types up."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.fields import CaseType, case_type_from
from services.cases.tables import case_types
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page


async def get_case_type(conn: AsyncConnection, *, code: str, version: int | None) -> CaseType:
    """A case type: the version given, else the newest."""
    query = select(case_types).where(case_types.c.code == code)
    if version is not None:
        query = query.where(case_types.c.version == version)
    row = (await conn.execute(query.order_by(case_types.c.version.desc()).limit(1))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="case type", what=code)
    return case_type_from(row._mapping)


async def list_case_types(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[CaseType]:
    """Case types by code, each in its newest version."""
    newer = case_types.alias("newer")
    newest = select(func.max(newer.c.version)).where(newer.c.code == case_types.c.code).scalar_subquery()
    return await page(
        conn,
        select(case_types).where(case_types.c.version == newest),
        order=(case_types.c.code,),
        limit=limit,
        after=after,
        make=lambda row: case_type_from(row._mapping),
    )
