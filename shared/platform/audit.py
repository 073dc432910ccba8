"""Who did what, when: one entry for every accepted request that acts, in its transaction, sealed into a chain.

Entries are written unsealed, so that requests need not queue for the end of a chain. A worker seals them in batches:
each seal is SHA-256 over the seal before it and the entry, so nothing can be changed, taken out or put in unseen. The
newest seal is logged: kept elsewhere, it also shows when the end of the chain was cut off. A trigger refuses any other
change.
"""

from __future__ import annotations

import asyncio
import hashlib
import zlib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import structlog
from pydantic_core import to_json
from sqlalchemy import Row, Select, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request

from shared.platform.db import Hot
from shared.platform.ids import new_id
from shared.platform.kernel import Kernel
from shared.platform.paging import Page, page
from shared.platform.work import Database, Work

log = structlog.get_logger(__name__)

EVERY_SECONDS = 5
BATCH = 500
FIRST = bytes(32)
"""What stands before the first seal."""
SEALED_FIELDS = ("entry_id", "at", "actor", "roles", "operation", "path", "status", "correlation_id")
PATH_LENGTH = 500


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One act. `position` counts from 1 along the chain; none until it is sealed. `seal` is hexadecimal."""

    entry_id: UUID
    at: datetime
    actor: str
    roles: str
    operation: str
    path: str
    status: int
    correlation_id: str
    position: int | None
    seal: str | None


@dataclass(frozen=True, slots=True)
class AuditVerification:
    """Whether the chain holds: entries checked, the last good seal, and the position of the first broken one."""

    intact: bool
    sealed: int
    unsealed: int
    head: str
    broken_at: int | None = None


async def note(work: Work, request: Request, status: int) -> None:
    """Write down an accepted act, with the work it did. Query strings and bodies are never kept."""
    await _insert(work.kernel).run(
        work.conn,
        entry_id=new_id(),
        at=work.now,
        actor=work.actor.sub,
        roles=" ".join(work.actor.roles),
        operation=request.scope["route"].operation_id or request.scope["route"].path,
        path=f"{request.method} {request.url.path}"[:PATH_LENGTH],
        status=status,
        correlation_id=work.correlation_id,
    )


async def keep_sealing(database: Database) -> None:
    """Seal what was written, every few seconds, until cancelled."""
    while True:
        while await seal(database) == BATCH:
            pass
        await asyncio.sleep(EVERY_SECONDS)


async def seal(database: Database) -> int:
    """Seal the oldest unsealed entries; how many. 0 while another worker is at it."""
    async with database.work() as work:
        if not (await work.conn.execute(_turn(database.service))).scalar_one():
            return 0
        position, head = await _head(work.conn, work.kernel)
        rows = (await work.conn.execute(_unsealed(work.kernel))).all()
        for row in rows:
            position, head = position + 1, sealed(head, row)
            await _seal(work.kernel).run(work.conn, sealed_id=row.entry_id, position=position, seal=head)
    if rows:
        log.info("audit_sealed", service=database.service, position=position, seal=head.hex())
    return len(rows)


def sealed(before: bytes, entry: Row[Any]) -> bytes:
    """The seal of an entry that follows the seal `before`."""
    return hashlib.sha256(before + to_json([entry._mapping[name] for name in SEALED_FIELDS])).digest()


async def verify(conn: AsyncConnection, *, kernel: Kernel) -> AuditVerification:
    """Walk the whole chain from its beginning."""
    position, head = 0, FIRST
    while rows := (await conn.execute(_chain(kernel, position))).all():
        for row in rows:
            if row.position != position + 1 or row.seal != sealed(head, row):
                return AuditVerification(False, position, await _open(conn, kernel), head.hex(), position + 1)
            position, head = row.position, row.seal
    return AuditVerification(True, position, await _open(conn, kernel), head.hex())


async def entries(
    conn: AsyncConnection, *, kernel: Kernel, actor: str | None, operation: str | None, limit: int, after: str | None
) -> Page[AuditEntry]:
    """What was done, newest last, by anybody or one actor, anything or one operation."""
    table = kernel.audit
    found = select(table)
    if actor:
        found = found.where(table.c.actor == actor)
    if operation:
        found = found.where(table.c.operation == operation)
    return await page(conn, found, order=(table.c.at, table.c.entry_id), limit=limit, after=after, make=_entry)


def _entry(row: Row[Any]) -> AuditEntry:
    kept = row._mapping
    return AuditEntry(
        **{name: kept[name] for name in SEALED_FIELDS}, position=row.position, seal=row.seal and row.seal.hex()
    )


async def _head(conn: AsyncConnection, kernel: Kernel) -> tuple[int, bytes]:
    table = kernel.audit
    last = select(table.c.position, table.c.seal).where(table.c.position.is_not(None))
    row = (await conn.execute(last.order_by(table.c.position.desc()).limit(1))).one_or_none()
    return (row.position, row.seal) if row else (0, FIRST)


async def _open(conn: AsyncConnection, kernel: Kernel) -> int:
    unsealed = select(func.count()).select_from(kernel.audit).where(kernel.audit.c.position.is_(None))
    return int((await conn.execute(unsealed)).scalar_one())


def _turn(service: str) -> Select[Any]:
    return select(func.pg_try_advisory_xact_lock(zlib.crc32(f"audit {service}".encode())))


def _unsealed(kernel: Kernel) -> Select[Any]:
    table = kernel.audit
    return select(table).where(table.c.position.is_(None)).order_by(table.c.entry_id).limit(BATCH)


def _chain(kernel: Kernel, after: int) -> Select[Any]:
    table = kernel.audit
    return select(table).where(table.c.position > after).order_by(table.c.position).limit(BATCH)


@cache
def _insert(kernel: Kernel) -> Hot:
    return Hot(insert(kernel.audit).values({name: bindparam(name) for name in SEALED_FIELDS}))


@cache
def _seal(kernel: Kernel) -> Hot:
    table = kernel.audit
    this = table.c.entry_id == bindparam("sealed_id")
    return Hot(update(table).where(this).values(position=bindparam("position"), seal=bindparam("seal")))
