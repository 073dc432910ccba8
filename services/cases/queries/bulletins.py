"""Looking bulletins up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.cases.domain.bulletin import Ask, Bulletin
from services.cases.domain.customer import Identity, mask
from services.cases.domain.recognition import WORDS, Hint
from services.cases.tables import bulletins
from shared.contracts.refusal import Refusal
from shared.platform.paging import Page, page


@dataclass(frozen=True, slots=True, kw_only=True)
class BulletinToAsk:
    """What to ask somebody who comes now. `recognised_by` are the kinds of hint that matched, the surest first."""

    bulletin_id: UUID
    case_id: UUID
    case_number: str
    note: str | None
    questions: list[Ask]
    recognised_by: list[str]
    hints: list[Hint]
    posted_by: str
    posted_by_name: str
    posted_at: datetime


async def list_bulletins(
    conn: AsyncConnection,
    *,
    state: str | None,
    case_id: UUID | None,
    posted_by: str | None,
    updated_after: datetime | None,
    personal: bool,
    limit: int,
    after: str | None,
) -> Page[Bulletin]:
    """Bulletins, the latest first; with `updated_after` in order of update. Identities are masked unless `personal`."""
    query = select(bulletins)
    for column, wanted in (
        (bulletins.c.state, state),
        (bulletins.c.case_id, case_id),
        (bulletins.c.posted_by, posted_by),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if updated_after:
        query = query.where(bulletins.c.updated_at > updated_after)
    return await page(
        conn,
        query,
        order=(bulletins.c.updated_at if updated_after else bulletins.c.posted_at, bulletins.c.bulletin_id),
        limit=limit,
        after=after,
        make=lambda row: seen(_bulletin(row), personal=personal),
        descending=not updated_after,
    )


async def get_bulletin(conn: AsyncConnection, *, bulletin_id: UUID, personal: bool) -> Bulletin:
    """One bulletin; 404 `not-found`."""
    row = (await conn.execute(select(bulletins).where(bulletins.c.bulletin_id == bulletin_id))).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="bulletin", what=bulletin_id)
    return seen(_bulletin(row), personal=personal)


def seen(bulletin: Bulletin, *, personal: bool) -> Bulletin:
    """The bulletin as somebody sees it: identities among the hints masked unless `personal`."""
    return bulletin if personal else replace(bulletin, hints=tuple(map(_masked, bulletin.hints)))


def _masked(hint: Hint) -> Hint:
    if hint.kind in WORDS:
        return hint
    hidden = mask(Identity(hint.kind, hint.value))
    return Hint(hidden.kind, hidden.value)


def _bulletin(row: Row[Any]) -> Bulletin:
    values = dict(row._mapping)
    return Bulletin(
        **values
        | {
            "questions": tuple(Ask(**one) for one in values["questions"]),
            "hints": tuple(Hint(**one) for one in values["hints"]),
            "team_ids": tuple(values["team_ids"]),
        }
    )
