"""Case types: added, and changed as new versions; cases keep the version they were opened with."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from services.cases.domain.fields import CaseType, FieldRule, require_sound
from services.cases.queries.sight import person_of
from services.cases.store.case_types import add_case_type, find_case_type
from services.cases.store.people import is_team
from shared.contracts.refusal import Fault, Refusal
from shared.platform.work import Work


async def create_case_type(work: Work, *, code: str, fields: tuple[FieldRule, ...], **told: Any) -> CaseType:
    """Add a case type."""
    if await find_case_type(work.conn, code):
        raise Refusal("case-type-taken", type=code)
    by = person_of(work.actor).staff_no
    case_type = CaseType(code=code, version=1, fields=require_sound(fields), updated_at=work.now, updated_by=by, **told)
    return await _added(work, case_type)


async def change_case_type(work: Work, *, code: str, seen_version: int, changes: dict[str, Any]) -> CaseType:
    """Add the next version of a type, if nobody did since the caller looked."""
    before = await find_case_type(work.conn, code)
    if before is None:
        raise Refusal("not-found", noun="case type", what=code)
    if before.version != seen_version:
        raise Refusal("stale-version", current=before.version)
    if "fields" in changes:
        changes = changes | {"fields": require_sound(changes["fields"])}
    by = person_of(work.actor).staff_no
    after = replace(before, **changes, version=before.version + 1, updated_at=work.now, updated_by=by)
    return await _added(work, after)


async def _added(work: Work, case_type: CaseType) -> CaseType:
    if case_type.team is not None and not await is_team(work.conn, case_type.team):
        raise Refusal("invalid-value", faults=(Fault("team", "team-unknown", {"team": case_type.team}),))
    await add_case_type(work.conn, case_type)
    return case_type
