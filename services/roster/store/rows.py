"""Many rows in one go: a few as arrays zipped by `unnest`, a mass by COPY; on the same key the new row replaces."""

from __future__ import annotations

from asyncio import sleep
from collections.abc import AsyncIterator, Iterable, Sequence
from functools import cache
from itertools import chain, islice
from operator import itemgetter
from typing import Any

import asyncpg
from sqlalchemy import ARRAY, Column, MetaData, Select, Table, bindparam, func, select
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.platform.db import Hot, driver_of

A_FEW = 500

Record = tuple[Any, ...]


async def put_rows(conn: AsyncConnection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, replacing those with the same primary key. Every row has every column."""
    await put_records(conn, table, map(itemgetter(*table.columns.keys()), rows))


async def put_records(conn: AsyncConnection, table: Table, records: Iterable[Record]) -> None:
    """The same with rows as tuples, in the order of the table's columns."""
    remaining = iter(records)
    few = list(islice(remaining, A_FEW + 1))
    if 0 < len(few) <= A_FEW:
        columns = map(list, zip(*few, strict=True))
        await _put_few(table).run(conn, **dict(zip(table.columns.keys(), columns, strict=True)))
    elif few:
        await _copy(conn, table, chain(few, remaining))
        await _put_copied(table).run(conn)


async def copy_records(conn: AsyncConnection, table: Table, records: Iterable[Record]) -> None:
    """Insert rows none of which is there yet; asyncpg's `UniqueViolationError` when one is after all."""
    await _copy_into(await driver_of(conn), table, records, schema=table.schema)


async def add_rows(conn: AsyncConnection, table: Table, rows: Sequence[dict[str, Any]]) -> list[asyncpg.Record]:
    """Insert rows, leaving out those whose primary key is there already; the keys of the new ones."""
    if not rows:
        return []
    return await _add(table).run(conn, **_arrays(table, rows))


async def _copy(conn: AsyncConnection, table: Table, records: Iterable[Record]) -> None:
    """Into a temporary table of the connection, empty again after every transaction."""
    incoming = _incoming(table)
    driver = await driver_of(conn)
    await driver.execute(
        f"CREATE TEMPORARY TABLE IF NOT EXISTS {incoming.name} (LIKE {table.fullname}) ON COMMIT DELETE ROWS;"
        f"TRUNCATE {incoming.name}"
    )
    await _copy_into(driver, incoming, records)


async def _copy_into(driver: Any, table: Table, records: Iterable[Record], *, schema: str | None = None) -> None:
    sent = _sent_meanwhile(records)
    names = table.columns.keys()
    await driver.copy_records_to_table(table.name, schema_name=schema, records=sent, columns=names)


async def _sent_meanwhile(records: Iterable[Record]) -> AsyncIterator[Record]:
    """Rows are made while those before them are sent and stored; and others, too, have their turn."""
    for number, record in enumerate(records):
        if number % A_FEW == 0:
            await sleep(0)
        yield record


@cache
def _incoming(table: Table) -> Table:
    return Table(f"incoming_{table.name}", MetaData(), *(Column(one.name, one.type) for one in table.columns))


@cache
def _put_copied(table: Table) -> Hot:
    return Hot(_replacing(table, select(*_incoming(table).columns)))


@cache
def _put_few(table: Table) -> Hot:
    return Hot(_replacing(table, _zipped(table)))


@cache
def _add(table: Table) -> Hot:
    return Hot(_new(table, _zipped(table)).on_conflict_do_nothing().returning(*table.primary_key.columns))


def _replacing(table: Table, rows: Select[Any]) -> Insert:
    new = _new(table, rows)
    others = {column.name: new.excluded[column.name] for column in table.columns if not column.primary_key}
    return new.on_conflict_do_update(index_elements=list(table.primary_key.columns), set_=others)


def _new(table: Table, rows: Select[Any]) -> Insert:
    return insert(table).from_select(table.columns.keys(), rows)


def _zipped(table: Table) -> Select[Any]:
    return select(*(func.unnest(bindparam(column.name, type_=ARRAY(column.type))) for column in table.columns))


def _arrays(table: Table, rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in table.columns.keys()}
