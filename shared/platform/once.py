"""Idempotency keys: the first answer to a request, kept in its transaction and given again."""

from __future__ import annotations

import hashlib
import json
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Text, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import Response

from shared.contracts.refusal import Refusal
from shared.platform.db import Hot
from shared.platform.kernel import Kernel
from shared.platform.work import Work

KEPT_HEADERS = ("content-type", "etag", "location")


@dataclass(frozen=True, slots=True)
class Once:
    """One caller's one key, used for one request."""

    kernel: Kernel
    caller: str
    key: str
    request_hash: bytes

    async def earlier(self, conn: AsyncConnection) -> Response | None:
        """The stored answer; 409 while the first request is still running, 422 when it was another request."""
        [row] = await _lookup(self.kernel).run(conn, lock=self._lock, caller=self.caller, key=self.key)
        if row["status"] is not None:
            if row["request_hash"] != self.request_hash:
                raise Refusal("idempotency-key-reused")
            headers = json.loads(row["headers"]) | {"Idempotency-Replayed": "true"}
            return Response(row["body"], row["status"], headers)
        if not row["locked"]:
            raise Refusal("idempotency-in-progress")
        return None

    async def keep(self, work: Work, answer: Response) -> None:
        """Store the answer with the work it tells of."""
        headers = {name: answer.headers[name] for name in KEPT_HEADERS if name in answer.headers}
        await _keep(self.kernel).run(
            work.conn,
            caller=self.caller,
            key=self.key,
            request_hash=self.request_hash,
            status=answer.status_code,
            headers=json.dumps(headers),
            body=bytes(answer.body),
            answered_at=work.now,
        )

    @property
    def _lock(self) -> int:
        """The advisory lock of this key: a signed 64-bit number of service and key."""
        service, key = zlib.crc32(self.kernel.service.encode()), zlib.crc32(f"{self.caller}\n{self.key}".encode())
        return (service << 32 | key) - (1 << 63)


async def once_of(request: Request, kernel: Kernel, caller: str) -> Once | None:
    """The request's Idempotency-Key, or none. Refuses one that is not 1 to 255 visible characters."""
    key = request.headers.get("idempotency-key")
    if key is None:
        return None
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Refusal("idempotency-key-invalid")
    return Once(kernel, caller, key, await _request_hash(request))


async def _request_hash(request: Request) -> bytes:
    scope = request.scope
    told = hashlib.sha256(f"{scope['method']} {scope['path']}?".encode() + scope["query_string"] + b"\n")
    if request.headers.get("content-type", "").startswith("multipart/"):
        await _add_form(told, await request.form())
    else:
        told.update(await request.body())
    return told.digest()


async def _add_form(told: Any, form: FormData) -> None:
    """A form by its parts: the boundary between them is another each time the same form is sent."""
    for name, part in form.multi_items():
        content = await _read_again(part) if isinstance(part, UploadFile) else part.encode()
        told.update(f"{name} {len(content)}\n".encode() + content)


async def _read_again(file: UploadFile) -> bytes:
    await file.seek(0)
    content = await file.read()
    await file.seek(0)
    return content


@cache
def _lookup(kernel: Kernel) -> Hot:
    """One round trip: take the key's lock (not waiting for it) and look for its answer."""
    table = kernel.idempotency
    locked = select(func.pg_try_advisory_xact_lock(bindparam("lock", type_=BigInteger)).label("locked")).cte("l")
    asked = (table.c.caller == bindparam("caller", type_=Text)) & (table.c.key == bindparam("key", type_=Text))
    columns = [table.c.request_hash, table.c.status, table.c.headers, table.c.body]
    return Hot(select(locked.c.locked, *columns).select_from(locked.outerjoin(table, asked)))


@cache
def _keep(kernel: Kernel) -> Hot:
    return Hot(insert(kernel.idempotency).values({name: bindparam(name) for name in kernel.idempotency.columns.keys()}))
