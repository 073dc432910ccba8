"""Rosters with their draft and versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster import tables
from services.roster.domain.line import Texts, texts_json
from services.roster.domain.roster import Roster, Version
from services.roster.store.rows import put_rows
from shared.contracts.refusal import Refusal


async def load_roster(conn: AsyncConnection, roster_id: UUID) -> Roster:
    """A roster, locked: its draft and publications are changed by one command at a time. 404 when there is none."""
    query = select(tables.rosters).where(tables.rosters.c.roster_id == roster_id).with_for_update()
    row = (await conn.execute(query)).one_or_none()
    if row is None:
        raise Refusal("not-found", noun="roster", what=roster_id)
    return Roster(**row._mapping)


async def add_roster(conn: AsyncConnection, roster: Roster) -> None:
    """Store a new roster; 409 when the team has one for some of these days."""
    await _apart(conn, insert(tables.rosters).values(_record(roster)))


async def save_roster(conn: AsyncConnection, roster: Roster) -> None:
    """Store a roster after a change; 409 when the team has another for some of its days."""
    table = tables.rosters
    await _apart(conn, update(table).where(table.c.roster_id == roster.roster_id).values(_record(roster)))


async def _apart(conn: AsyncConnection, statement: Executable) -> None:
    try:
        await conn.execute(statement)
    except IntegrityError as error:
        if "rosters_apart" in str(error):
            raise Refusal("roster-overlaps") from error
        raise


def _record(roster: Roster) -> dict[str, Any]:
    return {name: getattr(roster, name) for name in tables.rosters.columns.keys()}


async def save_draft(conn: AsyncConnection, roster_id: UUID, lines: Mapping[UUID, Texts]) -> None:
    """Store these lines; an empty one is removed. Lines not named stay."""
    table = tables.draft_lines
    empty = [agent_id for agent_id, texts in lines.items() if not texts]
    if empty:
        await conn.execute(delete(table).where(table.c.roster_id == roster_id, table.c.agent_id.in_(empty)))
    rows = [
        {"roster_id": roster_id, "agent_id": agent_id, "cells": texts_json(texts)}
        for agent_id, texts in lines.items()
        if texts
    ]
    await put_rows(conn, table, rows)


async def add_version(conn: AsyncConnection, version: Version, lines: Mapping[UUID, str]) -> None:
    """Store a published version with its lines (in stored form)."""
    values = {name: getattr(version, name) for name in tables.roster_versions.columns.keys()}
    await conn.execute(insert(tables.roster_versions).values(values))
    rows = [
        {"roster_id": version.roster_id, "number": version.number, "agent_id": agent_id, "cells": cells}
        for agent_id, cells in lines.items()
    ]
    await put_rows(conn, tables.version_lines, rows)
