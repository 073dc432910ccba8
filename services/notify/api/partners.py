"""People of other departments whom roster does not know."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from fastapi import Path
from starlette.responses import Response

from services.notify.commands import partners as commands
from shared.platform.door import Door, opens
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Name

router = Router(prefix="/recipients", tags=["recipients"])

StaffNo = Annotated[Code, Path(description="a number nobody in roster has")]


class PartnerBody(Body):
    """Somebody of another department: `team` is its id or code in roster; `left_on` their last day."""

    name: Name
    team: Code
    language: Literal["zh-CN", "en"] = "zh-CN"
    left_on: date | None = None


class NewPartner(PartnerBody):
    """The same, with their number."""

    staff_no: Code


@router.post("", status_code=201, response_model=commands.Partner, operation_id="add_partner")
async def add_partner(body: NewPartner, door: Door = opens("notify:vouch")) -> Response:
    """Note a partner; they are asked and told like roster's people, and may add their own contacts."""
    return await door.run(commands.keep_partner, status=201, **body.model_dump())


@router.put("/{staff_no}", response_model=commands.Partner, operation_id="keep_partner")
async def keep_partner(staff_no: StaffNo, body: PartnerBody, door: Door = opens("notify:vouch")) -> Response:
    """Note a partner, or what changed."""
    return await door.run(commands.keep_partner, staff_no=staff_no, **body.model_dump())
