"""Rosters: drafts written, imported, compared, checked, published."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import File, Query, Response, UploadFile
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncConnection

from services.roster.api.people import Day, UpdatedAfter
from services.roster.commands import drafts, publishing
from services.roster.queries import export
from services.roster.queries import rosters as queries
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.sheets import read_sheet
from shared.platform.web import Body, Code, Text

router = Router(tags=["rosters"])

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Number = Annotated[int, Field(ge=1, le=1_000_000)]


class RosterView(BaseModel):
    """A team's period; `number` is the last published version, 0 before the first."""

    roster_id: UUID
    team_id: UUID
    from_on: date = Field(serialization_alias="from")
    to_on: date = Field(serialization_alias="to")
    number: int
    version: int
    created_at: datetime
    updated_at: datetime


class NewRoster(Body):
    """A team's period, both days included."""

    team_id: UUID
    from_on: Day = Field(alias="from")
    to_on: Day = Field(alias="to")


class Assignment(Body):
    """One cell: a shift code, or explicit times such as 09:30-18:00; without a code the day is emptied."""

    staff_no: Code
    on: date
    code: Code | None = None


class DraftBody(Body):
    """Cells of the draft."""

    assignments: list[Assignment] = Field(max_length=100_000)


class Override(Body):
    """Publishing in spite of failed checks; the reason is kept with the version."""

    reason: Text


class Publish(Body):
    """How to publish; `confirm_within_minutes` goes before the team's setting."""

    note: Text | None = None
    confirm_within_minutes: int | None = Field(None, ge=1, le=60 * 24 * 31)
    override: Override | None = None


@router.post("/rosters", status_code=201, response_model=RosterView, operation_id="create_roster")
async def create_roster(body: NewRoster, door: Door = opens("roster:plan")) -> Response:
    """Open a roster for a team and a period."""
    return await door.run(drafts.create_roster, status=201, **body.model_dump())


@router.get("/rosters", response_model=Page[RosterView], operation_id="list_rosters")
async def list_rosters(
    *,
    team: Annotated[Code | None, Query(description="the team's id or code")] = None,
    on: Annotated[Day | None, Query(description="whose period has this day")] = None,
    updated_after: UpdatedAfter = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("roster:read"),
) -> Response:
    """The rosters of the caller's teams."""
    return await door.read(
        queries.list_rosters, actor=door.actor, team=team, on=on, updated_after=updated_after, limit=limit, after=after
    )


@router.get("/rosters/{roster_id}", response_model=RosterView, operation_id="get_roster")
async def get_roster(roster_id: UUID, door: Door = opens("roster:read")) -> Response:
    """One roster."""
    return await door.read(queries.roster, actor=door.actor, roster_id=roster_id)


class RosterChange(Body):
    """The first or last day of the period, to be moved."""

    from_on: Day = Field(date.min, alias="from")
    to_on: Day = Field(date.min, alias="to")


@router.patch("/rosters/{roster_id}", response_model=RosterView, operation_id="change_roster")
async def change_roster(roster_id: UUID, body: RosterChange, door: Door = opens("roster:plan")) -> Response:
    """Lengthen or shorten a roster's period (If-Match)."""
    changes = body.model_dump(exclude_unset=True)
    return await door.run(drafts.change_roster, roster_id=roster_id, version=door.if_match, changes=changes)


@router.get("/rosters/{roster_id}/draft", response_model=queries.Draft, operation_id="get_draft")
async def get_draft(roster_id: UUID, door: Door = opens("roster:read")) -> Response:
    """The draft; its ETag is the roster's."""
    return await door.read(queries.draft, actor=door.actor, roster_id=roster_id)


@router.put("/rosters/{roster_id}/draft", response_model=queries.Draft, operation_id="replace_draft")
async def replace_draft(roster_id: UUID, body: DraftBody, door: Door = opens("roster:plan")) -> Response:
    """Write the whole draft anew (If-Match is heeded when sent, and required over what somebody else has drafted)."""
    return await door.run(
        drafts.write_draft, roster_id=roster_id, seen=_seen(door), replace_all=True, **body.model_dump()
    )


@router.patch("/rosters/{roster_id}/draft", response_model=queries.Draft, operation_id="change_draft")
async def change_draft(roster_id: UUID, body: DraftBody, door: Door = opens("roster:plan")) -> Response:
    """Write single cells of the draft (If-Match); a cell without a code is emptied."""
    return await door.run(
        drafts.write_draft, roster_id=roster_id, seen=door.if_match, replace_all=False, **body.model_dump()
    )


@router.post("/rosters/{roster_id}/draft:import", response_model=drafts.ImportReport, operation_id="import_draft")
async def import_draft(
    roster_id: UUID,
    file: Annotated[UploadFile, File(description=".xlsx, .xls or .csv")],
    dry_run: bool = False,
    door: Door = opens("roster:plan"),
) -> Response:
    """Write a sheet into the draft: the agents and days it has. One row per agent, one column per day."""
    rows = await asyncio.to_thread(read_sheet, await file.read())
    return await door.run(drafts.import_draft, roster_id=roster_id, rows=rows, dry_run=dry_run)


@router.get("/rosters/{roster_id}/draft/diff", response_model=queries.DraftDiff, operation_id="diff_draft")
async def diff_draft(roster_id: UUID, door: Door = opens("roster:read")) -> Response:
    """What publishing the draft would change, by agent, in the team's local time."""
    return await door.read(queries.draft_diff, actor=door.actor, roster_id=roster_id)


@router.get("/rosters/{roster_id}/checks", response_model=queries.DraftProblems, operation_id="check_roster")
@router.get("/rosters/{roster_id}/draft/checks", response_model=queries.DraftProblems, operation_id="check_draft")
async def check_draft(roster_id: UUID, door: Door = opens("roster:read")) -> Response:
    """What would stop the draft's publication."""
    return await door.read(
        queries.draft_checks,
        actor=door.actor,
        roster_id=roster_id,
        now=door.database.clock.now(),
        language=door.language,
    )


@router.get(
    "/rosters/{roster_id}/export.xlsx",
    response_class=Response,
    responses={200: {"content": {XLSX: {}}, "description": "The draft as a sheet that can be imported again"}},
    operation_id="export_draft",
)
async def export_draft(roster_id: UUID, door: Door = opens("roster:read")) -> Response:
    """The draft as a sheet."""

    async def file(conn: AsyncConnection) -> Response:
        content = await export.exported_draft(conn, actor=door.actor, roster_id=roster_id, language=door.language)
        return Response(content, media_type=XLSX)

    return await door.read(file)


@router.post(
    "/rosters/{roster_id}/publish",
    status_code=201,
    response_model=publishing.PublishedRoster,
    operation_id="publish_roster",
)
async def publish_roster(roster_id: UUID, body: Publish, door: Door = opens("roster:publish")) -> Response:
    """Publish the draft as the next version (If-Match is heeded when sent); each affected agent is asked."""
    return await door.run(
        publishing.publish_roster,
        status=201,
        roster_id=roster_id,
        seen=_seen(door),
        note=body.note,
        confirm_within_minutes=body.confirm_within_minutes,
        override_reason=body.override.reason if body.override else None,
    )


@router.get(
    "/rosters/{roster_id}/versions", response_model=Page[queries.VersionSummary], operation_id="list_roster_versions"
)
async def list_roster_versions(
    *, roster_id: UUID, limit: Limit = 50, after: After = None, door: Door = opens("roster:read")
) -> Response:
    """The published versions, the newest first."""
    return await door.read(queries.list_versions, actor=door.actor, roster_id=roster_id, limit=limit, after=after)


@router.get(
    "/rosters/{roster_id}/versions/{number}",
    response_model=queries.PublishedVersion,
    operation_id="get_roster_version",
)
async def get_roster_version(roster_id: UUID, number: Number, door: Door = opens("roster:read")) -> Response:
    """One published version with its lines, in the team's local time."""
    return await door.read(queries.version, actor=door.actor, roster_id=roster_id, number=number)


def _seen(door: Door) -> int | None:
    return door.if_match if "if-match" in door.request.headers else None
