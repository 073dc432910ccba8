"""The HTTP door: who asks, may they, was this asked before; then one command or one query.

@router.post("/teams", status_code=201, response_model=Team)
async def create_team(body: NewTeam, door: Door = opens("roster:configure")) -> Response:
    return await door.run(commands.create_team, status=201, **body.model_dump())
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from asyncpg import UniqueViolationError
from fastapi import Depends
from pydantic_core import to_json
from sqlalchemy import BigInteger, Text, bindparam, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.requests import Request
from starlette.responses import Response

from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.db import Hot
from shared.platform.kernel import Kernel
from shared.platform.problems import language_of
from shared.platform.work import Database, Work

Command = Callable[..., Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Door:
    """An authenticated, authorised request to one service."""

    request: Request
    actor: Actor
    database: Database

    @property
    def language(self) -> str:
        """The language of texts for this caller: `zh-CN` or `en`."""
        return language_of(self.request)

    @property
    def if_match(self) -> int:
        """The version the caller saw. 428 without If-Match, 412 when it is not one of our tags."""
        raw = self.request.headers.get("if-match")
        if raw is None:
            raise Refusal("if-match-required")
        tag = raw.strip().removeprefix("W/").strip('"')
        if not (tag.isascii() and tag.isdigit() and len(tag) < 19):
            raise Refusal("if-match-invalid")
        return int(tag)

    async def run(self, command: Command, *, status: int = 200, **arguments: Any) -> Response:
        """Run a command in its transaction and answer with what it returns.

        With an Idempotency-Key the answer is stored in the same transaction; asked again, it is given again.
        """
        key = self.request.headers.get("idempotency-key")
        if key is None:
            async with self.database.work(self.actor) as work:
                return _answer(await command(work, **arguments), status)
        return await self._run_once(_valid_key(key), command, status, arguments)

    async def read(self, query: Command, *, status: int = 200, **arguments: Any) -> Response:
        """Run a query and answer with what it returns."""
        async with self.database.reading() as conn:
            return _answer(await query(conn, **arguments), status)

    async def _run_once(self, key: str, command: Command, status: int, arguments: dict[str, Any]) -> Response:
        once = _Once(self.database.kernel, self.actor.sub, key, await self._request_hash())
        try:
            async with self.database.work(self.actor) as work:
                if earlier := await once.earlier(work.conn):
                    return earlier
                answer = _answer(await command(work, **arguments), status)
                await once.keep(work, answer)
                return answer
        except UniqueViolationError as error:
            if error.constraint_name == "idempotency_pkey" or "idempotency" in str(error):
                raise Refusal("idempotency-in-progress") from error
            raise

    async def _request_hash(self) -> bytes:
        told = f"{self.request.method} {self.request.url.path}?{self.request.url.query}\n".encode()
        return hashlib.sha256(told + await self.request.body()).digest()


@dataclass(frozen=True, slots=True)
class _Once:
    """One caller's one key."""

    kernel: Kernel
    caller: str
    key: str
    request_hash: bytes

    async def earlier(self, conn: AsyncConnection) -> Response | None:
        """The stored answer; 409 while the first request is still running, 422 when it was another request."""
        lock = zlib.crc32(f"{self.caller}\n{self.key}".encode()) | zlib.crc32(self.kernel.service.encode()) << 32
        [row] = await _lookup(self.kernel).run(conn, lock=lock - (1 << 63), caller=self.caller, key=self.key)
        if row["status"] is not None:
            if row["request_hash"] != self.request_hash:
                raise Refusal("idempotency-key-reused")
            headers = json.loads(row["headers"]) | {"Idempotency-Replayed": "true"}
            return Response(row["body"], row["status"], headers)
        if not row["locked"]:
            raise Refusal("idempotency-in-progress")
        return None

    async def keep(self, work: Work, answer: Response) -> None:
        headers = {
            name: answer.headers[name] for name in ("content-type", "etag", "location") if name in answer.headers
        }
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


def _valid_key(key: str) -> str:
    if not (0 < len(key) <= 255 and key.isascii() and key.isprintable()):
        raise Refusal("idempotency-key-invalid")
    return key


def _answer(result: Any, status: int) -> Response:
    """Whatever a command or query returns, as a response: dataclasses and dicts become JSON, `version` an ETag."""
    if isinstance(result, Response):
        return result
    if result is None:
        return Response(status_code=204)
    version = result.get("version") if isinstance(result, Mapping) else getattr(result, "version", None)
    headers = {"ETag": f'"{version}"'} if version is not None else {}
    return Response(to_json(result), status, headers, "application/json")


def opens(scope: str) -> Any:
    """The dependency of a route: authenticate the caller and require `scope`."""

    async def door(request: Request) -> Door:
        state = request.app.state
        actor = await state.verifier.actor(_bearer(request))
        actor.require(scope)
        return Door(request, actor, state.database)

    door.scope = scope  # type: ignore[attr-defined]
    return Depends(door)


def _bearer(request: Request) -> str:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token:
        raise Refusal("not-authenticated")
    return token.strip()
