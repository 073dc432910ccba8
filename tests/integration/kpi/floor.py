"""A small floor of three agents, what is asked of kpi about it, and what kpi tells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from shared.contracts.cases import ContactFact
from shared.contracts.event import Event
from shared.contracts.roster import AgentJoined, TeamChanged
from shared.platform.codec import decode
from shared.platform.ids import new_id
from tests.integration.kpi.conftest import Desk, delivery_of, recorded
from tests.unit.kpi.samples import TEAM, contact

PEOPLE = {"A001": "林晓梅", "A002": "陈立", "A003": "王芳"}
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
KPI = "/kpi/v1"


def joined(
    staff_no: str, hired_on: date = date(2025, 1, 1), roles: tuple[str, ...] = ("agent",), team_id: UUID = TEAM
) -> AgentJoined:
    return AgentJoined(
        agent_id=new_id(),
        staff_no=staff_no,
        name=PEOPLE[staff_no],
        team_id=team_id,
        team_name="热线一组",
        roles=roles,
        skills=(),
        hired_on=hired_on,
    )


def calls(staff_no: str, answered: int, missed: int, *, first: int, **more: Any) -> list[ContactFact]:
    """Calls that an agent answered or that were lost on them."""
    told = {"agent": staff_no, "agent_name": PEOPLE[staff_no], **more}
    return [contact(first + n, answered=n < answered, **told) for n in range(answered + missed)]


async def three_agents(desk: Desk) -> None:
    """A001 answers 95 of 100, A002 80 of 100, A003 all of 5."""
    await desk.hears([delivery_of(joined(staff_no)) for staff_no in PEOPLE])
    team = TeamChanged(team_id=TEAM, code="T1", name="热线一组", zone="Asia/Shanghai")
    await desk.hears([delivery_of(team)])
    await desk.hears(recorded(calls("A001", 95, 5, first=0)))
    await desk.hears(recorded(calls("A002", 80, 20, first=1000)))
    await desk.hears(recorded(calls("A003", 5, 0, first=2000)))


async def ask(desk: Desk, method: str, path: str, *, status: int = 200, **more: Any) -> Any:
    answer = await desk.manager.request(method, f"{KPI}/{path}", **more)
    assert answer.status_code == status, answer.text
    return answer.json()


AnyEvent = TypeVar("AnyEvent", bound=Event)


async def told(desk: Desk, type_: type[AnyEvent]) -> Sequence[AnyEvent]:
    """The events of a type that kpi recorded."""
    outbox = desk.database.kernel.outbox
    async with desk.database.reading() as conn:
        found = select(outbox.c.body).where(outbox.c.type == type_.type).order_by(outbox.c.position)
        bodies = (await conn.execute(found)).scalars().all()
    events = [decode(body).data for body in bodies]
    return [event for event in events if isinstance(event, type_)]
