"""Contacts over HTTP: one, many, or a file."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import File, Form, Query, UploadFile
from pydantic import AwareDatetime, Field
from starlette.requests import Request
from starlette.responses import Response

from services.cases.api.contact_mapping import mapping_named, sheet_of
from services.cases.api.contact_rows import ContactRow, Zone, checked_rows, read_rows
from services.cases.api.customers import GivenIdentity
from services.cases.commands import contacts as commands
from services.cases.commands import intake
from services.cases.commands.contacts import RowOutcome
from services.cases.commands.intake import Intake
from services.cases.domain.contact import DEFAULT_ZONE, Contact, Told, tell
from services.cases.queries import contacts as queries
from services.cases.queries.contacts import ContactHistory
from shared.contracts.refusal import Fault
from shared.platform.door import Door, opens
from shared.platform.fields import Code, Name
from shared.platform.paging import After, Limit, Page
from shared.platform.problems import sentence
from shared.platform.routing import Router
from shared.platform.sheets import read_sheet
from shared.platform.work import Work

router = Router(tags=["contacts"])

_ROW = ContactRow.model_json_schema()
_BATCH_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": _ROW}},
            "application/x-ndjson": {"schema": {**_ROW, "description": "one of these a line"}},
        },
    }
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchError:
    """What is wrong with one field of a row."""

    field: str
    code: str
    message: str


@dataclass(slots=True, kw_only=True)  # not frozen: ten thousand are made for one answer
class BatchRow:
    """What became of one row (counted from 1): created, updated, unchanged or error."""

    row: int
    outcome: str
    contact_id: UUID | None
    errors: list[BatchError]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """What became of a batch, in numbers and row by row."""

    created: int
    updated: int
    unchanged: int
    failed: int
    rows: list[BatchRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellError:
    """What is wrong with one cell; `row` as the sheet counts."""

    row: int
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file's rows; local times were read in `timezone`."""

    dry_run: bool
    timezone: str
    created: int
    updated: int
    unchanged: int
    failed: int
    errors: list[CellError]


class NewContact(ContactRow):
    """One contact as it comes in; its customer may be named by what they are known by, its case by whoever knows it."""

    identity: GivenIdentity | None = None
    case_id: UUID | None = None
    hints: Annotated[list[Name], Field(max_length=20, description="words about the customer: an order number")] = []

    def told(self) -> Told:
        """As the domain knows it."""
        return tell(**{name: getattr(self, name) for name in ContactRow.model_fields})


@router.post("/contacts", status_code=201, response_model=Intake, operation_id="record_contact")
async def record_contact(body: NewContact, door: Door = opens("cases:work")) -> Response:
    """Record one contact; answers with the customer's cases and contacts, and links it to the case it is about."""
    identity = body.identity.made() if body.identity else None
    return await door.run(
        intake.take_contact,
        status=201,
        told=body.told(),
        identity=identity,
        case_id=body.case_id,
        words=body.hints,
    )


@router.post("/contacts:batch", response_model=BatchReport, operation_id="record_contacts", openapi_extra=_BATCH_BODY)
async def record_contacts(request: Request, door: Door = opens("cases:import")) -> Response:
    """Record many contacts, given as a JSON array or as NDJSON; answers row by row."""
    rows = await read_rows(await request.body())

    async def run(work: Work) -> BatchReport:
        return _batch_report(await commands.record_contacts(work, rows=rows), door.language)

    return await door.run(run)


@router.post("/contacts:import", response_model=ImportReport, operation_id="import_contacts")
async def import_contacts(
    file: Annotated[UploadFile, File(description="xlsx, xls or csv; the first row names the columns")],
    mapping: Annotated[str, Form(max_length=20_000, description="`call-log`, or a JSON object (see Mapping)")],
    timezone: Annotated[Zone, Form(description="the zone of the file's local times")] = DEFAULT_ZONE,
    dry_run: Annotated[bool, Query(description="report, and change nothing")] = False,
    door: Door = opens("cases:import"),
) -> Response:
    """Record the contacts of another system's sheet."""
    columns = mapping_named(mapping)
    cells = await asyncio.to_thread(read_sheet, await file.read())
    sheet = sheet_of(cells, columns, ZoneInfo(timezone))
    rows = await checked_rows(sheet.raw_rows())

    async def run(work: Work) -> ImportReport:
        outcomes = await commands.record_contacts(work, rows=rows, dry_run=dry_run)
        errors = [
            _cell_error(one.row, fault, sheet.column_of, door.language) for one in outcomes for fault in one.faults
        ]
        return ImportReport(dry_run=dry_run, timezone=timezone, **_counts(outcomes), errors=errors)

    return await door.run(run)


@router.get("/contacts", response_model=Page[Contact], operation_id="list_contacts")
async def list_contacts(
    *,
    agent: Annotated[Name | None, Query(description="a staff number, or a name unknown to roster")] = None,
    topic: Annotated[Name | None, Query()] = None,
    channel: Annotated[Code | None, Query()] = None,
    queue: Annotated[Name | None, Query()] = None,
    team_id: UUID | None = None,
    customer_id: UUID | None = None,
    external_id: Annotated[Name | None, Query()] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description="queued at or after")] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="queued before")] = None,
    updated_after: AwareDatetime | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("cases:read"),
) -> Response:
    """Contacts, newest first; with `updated_after` in the order in which they were recorded."""
    filters = {
        "agent": agent,
        "topic": topic,
        "channel": channel,
        "queue": queue,
        "team_id": team_id,
        "customer_id": customer_id,
        "contact_id": commands.contact_id_of(external_id) if external_id else None,
    }
    return await door.read(
        queries.find_contacts,
        actor=door.actor,
        filters={name: value for name, value in filters.items() if value is not None},
        since=since,
        until=until,
        updated_after=updated_after,
        limit=limit,
        after=after,
    )


@router.get("/contacts/{contact_id}", response_model=ContactHistory, operation_id="get_contact")
async def get_contact(contact_id: UUID, door: Door = opens("cases:read")) -> Response:
    """One contact, and what it was before it was corrected."""
    return await door.read(queries.get_contact, actor=door.actor, contact_id=contact_id)


def _batch_report(outcomes: Sequence[RowOutcome], language: str) -> BatchReport:
    rows = [
        BatchRow(
            row=one.row,
            outcome=one.outcome,
            contact_id=one.contact_id,
            errors=[_row_error(fault, language) for fault in one.faults],
        )
        for one in outcomes
    ]
    return BatchReport(**_counts(outcomes), rows=rows)


def _counts(outcomes: Sequence[RowOutcome]) -> dict[str, int]:
    count = Counter(one.outcome for one in outcomes)
    named = {"created": "created", "updated": "updated", "unchanged": "unchanged", "failed": "error"}
    return {name: count[outcome] for name, outcome in named.items()}


def _row_error(fault: Fault, language: str) -> BatchError:
    return BatchError(field=fault.field, code=fault.code, message=sentence(fault.code, language, fault.params))


def _cell_error(row: int, fault: Fault, column_of: Callable[[str], str], language: str) -> CellError:
    message = sentence(fault.code, language, fault.params)
    return CellError(row=row, column=column_of(fault.field), code=fault.code, message=message)
