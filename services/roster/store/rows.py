"""Many rows in one statement: arrays zipped by `unnest`, inserted or (on the same key) replaced."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.db import Hot


async def put_rows(conn: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows, replacing those with the same primary key. Every row has every column."""
    if rows:
        await _put(table).run(conn, **_arrays(table, rows))


async def add_rows(conn: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> list[asyncpg.Record]:
    """Insert rows, leaving out those whose primary key is there already; the keys of the new ones."""
    if not rows:
        return []
    return await _add(table).run(conn, **_arrays(table, rows))


def _arrays(table: Table, rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in table.columns.keys()}


@cache
def _add(table: Table) -> Hot:
    return Hot(_new(table).on_conflict_do_nothing().returning(*table.primary_key.columns))


@cache
def _put(table: Table) -> Hot:
    new = _new(table)
    key = list(table.primary_key.columns)
    others = {column.name: new.excluded[column.name] for column in table.columns if not column.primary_key}
    return Hot(new.on_conflict_do_update(index_elements=key, set_=others))


def _new(table: Table) -> Insert:
    rows = select(*(func.unnest(bindparam(column.name, type_=ARRAY(column.type))) for column in table.columns))
    return insert(table).from_select(table.columns.keys(), rows)
