"""A small service of its own, `notes`, behind the real door on a real database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from fastapi import APIRouter, FastAPI, UploadFile
from pydantic import AwareDatetime, Field
from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid, func, insert, select, update
from sqlalchemy import Text as SqlText
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from shared.contracts.refusal import Refusal
from shared.platform.auth import Keys, Signer, Verifier
from shared.platform.door import Door, opens
from shared.platform.ids import new_id
from shared.platform.kernel import Moment
from shared.platform.paging import After, Limit, Page, page
from shared.platform.web import Body, Code, Text, create_app
from shared.platform.work import Database, Work
from tests.conftest import Api

NOTES = Table(
    "notes",
    MetaData(schema="roster"),
    Column("note_id", Uuid, primary_key=True),
    Column("text", SqlText, nullable=False, unique=True),
    Column("version", BigInteger, nullable=False),
    Column("written_at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Note:
    note_id: UUID
    text: str
    version: int
    written_at: datetime


class NewNote(Body):
    text: Text
    count: Annotated[int, Field(ge=0, le=1000)] = 0
    kind: Literal["memo", "letter"] = "memo"
    on: date | None = None
    at: AwareDatetime | None = None
    about: UUID | None = None
    weight: float = 0
    tags: Annotated[list[Code], Field(max_length=2)] = []


class Rewritten(Body):
    text: Text


class Gate:
    """Lets a test hold a command open."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.open = asyncio.Event()


async def write_note(work: Work, *, text: str) -> Note:
    note = Note(new_id(), text, 1, work.now)
    await work.conn.execute(
        insert(NOTES).values(note_id=note.note_id, text=text, version=1, written_at=note.written_at)
    )
    return note


async def rewrite_note(work: Work, *, note_id: UUID, text: str, seen: int) -> Note:
    row = (await work.conn.execute(select(NOTES).where(NOTES.c.note_id == note_id).with_for_update())).one_or_none()
    if row is None:
        raise Refusal("not-found", what="note")
    if row.version != seen:
        raise Refusal("stale-version", current=row.version)
    await work.conn.execute(update(NOTES).where(NOTES.c.note_id == note_id).values(text=text, version=seen + 1))
    return Note(note_id, text, seen + 1, row.written_at)


async def all_notes(conn: AsyncConnection, *, limit: int, after: str | None) -> Page[Note]:
    order = (NOTES.c.written_at, NOTES.c.note_id)
    return await page(conn, select(NOTES), order=order, limit=limit, after=after, make=lambda row: Note(*row))


def routes(gate: Gate) -> APIRouter:
    router = APIRouter()

    @router.post("/notes", status_code=201, response_model=Note, operation_id="write_note")
    async def write(body: NewNote, door: Door = opens("roster:plan")) -> Response:
        return await door.run(write_note, status=201, text=body.text)

    @router.get("/notes", response_model=Page[Note], operation_id="list_notes")
    async def listing(limit: Limit = 50, after: After = None, door: Door = opens("roster:read")) -> Response:
        return await door.read(all_notes, limit=limit, after=after)

    @router.patch("/notes/{note_id}", response_model=Note, operation_id="rewrite_note")
    async def rewrite(note_id: UUID, body: Rewritten, door: Door = opens("roster:plan")) -> Response:
        return await door.run(rewrite_note, note_id=note_id, text=body.text, seen=door.if_match)

    @router.post("/notes:import", operation_id="import_notes")
    async def import_(file: UploadFile, door: Door = opens("roster:plan")) -> Response:
        text = (await file.read()).decode()
        return await door.run(write_note, text=text[:100])

    @router.post("/notes/held", operation_id="hold_note")
    async def held(body: NewNote, door: Door = opens("roster:plan")) -> Response:
        async def command(work: Work, *, text: str) -> Note:
            gate.entered.set()
            await gate.open.wait()
            return await write_note(work, text=text)

        return await door.run(command, text=body.text)

    @router.post("/notes/broken", operation_id="break_note")
    async def broken(door: Door = opens("roster:plan")) -> Response:
        raise RuntimeError("call 13800138000")

    return router


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest.fixture
async def database(open_database: Callable[[str], Database]) -> Database:
    """The roster database with a table of notes in it."""
    database = open_database("roster")
    async with database.engine.begin() as conn:
        await conn.run_sync(NOTES.metadata.create_all)
    return database


@pytest.fixture
def verifier(signer: Signer) -> Verifier:
    return Verifier(Keys(str(signer.jwks_file)), "ringback")


@pytest.fixture
def app(database: Database, verifier: Verifier, gate: Gate) -> FastAPI:
    return create_app(database, verifier, [routes(gate)], title="notes", summary="for tests")


@pytest.fixture
async def api(app: FastAPI, signer: Signer) -> AsyncIterator[Api]:
    """The notes over HTTP."""
    api = Api(app, signer)
    yield api
    await api.close()


@pytest.fixture
def count_notes(database: Database) -> Callable[[], Any]:
    async def count() -> int:
        async with database.reading() as conn:
            return (await conn.execute(select(func.count()).select_from(NOTES))).scalar_one()

    return count
