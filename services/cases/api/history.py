"""Taking over another desk's ticket log over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import File, Form, Query, UploadFile
from starlette.responses import Response

from services.cases.api.contact_rows import Zone
from services.cases.api.contacts import CellError
from services.cases.api.history_mapping import history_mapping_named, log_of
from services.cases.commands import history as commands
from services.cases.commands.history import MISFITS_SHOWN, Account
from services.cases.domain.contact import DEFAULT_ZONE
from shared.platform.door import Door, opens
from shared.platform.problems import sentence
from shared.platform.routing import Router
from shared.platform.work import Work

router = Router(tags=["cases"])


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeSla:
    """How many cases met the other desk's own target, and how many did not."""

    met: int
    missed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryReport:
    """What became of a log. `reassignments` is the log's own count; `errors` are the rows that could not be placed."""

    dry_run: bool
    timezone: str
    rows: int
    created: int
    unchanged: int
    failed: int
    closed: int
    reassignments: int
    reopened: int
    waits: int
    handoffs: int
    resolutions: int
    made_sla: MadeSla
    errors: list[CellError]


@router.post("/cases:import", response_model=HistoryReport, operation_id="import_cases")
async def import_cases(
    file: Annotated[UploadFile, File(description="csv (UTF-8, UTF-16 or GB 18030), xlsx or xls; first row: columns")],
    mapping: Annotated[str, Form(max_length=20_000, description="`incident-log`, or a JSON object (HistoryMapping)")],
    timezone: Annotated[Zone, Form(description="the zone of the file's local times")] = DEFAULT_ZONE,
    dry_run: Annotated[bool, Query(description="report, and change nothing")] = False,
    door: Door = opens("cases:import"),
) -> Response:
    """Make historic cases of a log with one row for each update of a ticket; known tickets stay as they are."""
    columns = history_mapping_named(mapping)

    async def run(work: Work) -> HistoryReport:
        file.file.seek(0)  # a command that a deadlock undid reads it again
        log = log_of(file.file, columns, ZoneInfo(timezone))
        account = await commands.import_history(
            work, updates=log.updates(), case_type=columns.type, zone=timezone, dry_run=dry_run
        )
        return _report(account, timezone, dry_run, door.language)

    return await door.run(run)


def _report(account: Account, timezone: str, dry_run: bool, language: str) -> HistoryReport:
    counts = ("rows", "created", "unchanged", "closed", "reassignments", "reopened", "waits", "handoffs", "resolutions")
    misfits = account.misfits.found
    return HistoryReport(
        dry_run=dry_run,
        timezone=timezone,
        **{name: getattr(account, name) for name in counts},
        failed=len(misfits),
        made_sla=MadeSla(met=account.sla_met, missed=account.sla_missed),
        errors=[
            CellError(
                row=row, column=fault.field, code=fault.code, message=sentence(fault.code, language, fault.params)
            )
            for row, fault in misfits[:MISFITS_SHOWN]
        ],
    )
