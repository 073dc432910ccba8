"""People of other departments whom roster does not know: noted here, so that hand-offs reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.notify.store import recipients as store
from services.notify.store.crowd import load_recipient
from shared.contracts.refusal import Refusal
from shared.platform.ids import stable_id
from shared.platform.work import Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner as noted here. After `left_on` nothing goes to them."""

    staff_no: str
    name: str
    team_id: UUID
    team_name: str
    language: str
    left_on: date | None
    version: int


async def keep_partner(
    work: Work, *, staff_no: str, name: str, team: str, language: str, left_on: date | None
) -> Partner:
    """Note somebody of another department, or what changed. Whoever roster has announced is roster's to change."""
    department = await store.load_team_named(work, team)
    work.actor.require_team(department.team_id, department.code)
    partner_id = stable_id("partner", staff_no)
    known = await load_recipient(work, staff_no)
    if known and known.agent_id != partner_id:
        raise Refusal("recipient-in-roster", staff_no=staff_no)
    partner = Partner(
        staff_no=staff_no,
        name=name,
        team_id=department.team_id,
        team_name=department.name,
        language=language,
        left_on=left_on,
        version=(known.sequence if known else 0) + 1,
    )
    kept = {field: getattr(partner, field) for field in Partner.__dataclass_fields__ if field != "version"}
    await store.keep_person(work, kept | {"agent_id": partner_id, "roles": ["partner"], "sequence": partner.version})
    return partner
