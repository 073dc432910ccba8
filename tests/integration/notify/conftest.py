"""A small centre as notify knows it: one team, its lead and supervisor, and agents; roster's events by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from services.notify import tables
from services.notify.worker import build
from shared.contracts.event import Envelope, Event
from shared.contracts.roster import AgentJoined, Cell, DayChange, ShiftChangeAnnounced, TeamChanged
from shared.platform.codec import decode, encode
from shared.platform.embedded import EmbeddedTransport
from shared.platform.ids import new_id, stable_id
from shared.platform.transport import Delivery, Outcome
from shared.platform.work import Database
from tests.conftest import START, Api, ManualClock

TEAM_ID = stable_id("team", "T1")
LEAD, SUPERVISOR = "L001", "S001"
DEADLINE = START + timedelta(hours=8)


def an_agent(staff_no: str, **changes: Any) -> AgentJoined:
    agent = AgentJoined(
        agent_id=stable_id("agent", staff_no),
        staff_no=staff_no,
        name={"A001": "李静", "A002": "王强", LEAD: "陈班长", SUPERVISOR: "周主管"}.get(staff_no, staff_no),
        team_id=TEAM_ID,
        team_name="一组",
        roles=("agent",),
        skills=(),
        hired_on=date(2025, 1, 6),
    )
    return replace(agent, **changes)


def a_team(**changes: Any) -> TeamChanged:
    team = TeamChanged(team_id=TEAM_ID, code="T1", name="一组", zone="Asia/Shanghai", lead=LEAD, supervisor=SUPERVISOR)
    return replace(team, **changes)


def a_change(staff_no: str = "A001", **changes: Any) -> ShiftChangeAnnounced:
    early = Cell(code="早", starts_at=datetime(2026, 3, 3, 0, tzinfo=UTC), ends_at=datetime(2026, 3, 3, 9, tzinfo=UTC))
    night = Cell(
        code="夜", starts_at=datetime(2026, 3, 3, 14, tzinfo=UTC), ends_at=datetime(2026, 3, 3, 22, tzinfo=UTC)
    )
    change = ShiftChangeAnnounced(
        change_id=stable_id("change", staff_no),
        roster_id=stable_id("roster"),
        number=2,
        agent_id=stable_id("agent", staff_no),
        staff_no=staff_no,
        agent_name=an_agent(staff_no).name,
        team_id=TEAM_ID,
        team_name="一组",
        announced_at=START,
        confirm_by=DEADLINE,
        first_start_at=datetime(2026, 3, 3, 14, tzinfo=UTC),
        zone="Asia/Shanghai",
        days=(
            DayChange(on=date(2026, 3, 3), before=early, after=night),
            DayChange(on=date(2026, 3, 4), before=early, after=Cell(code="休")),
        ),
        late_notice=False,
        diff_hash="d1",
        note="新业务上线",
    )
    return replace(change, **changes)


def then(change: ShiftChangeAnnounced, ending: type[Event], **facts: Any) -> Event:
    """What roster says about that change later on."""
    shared = {f.name: getattr(change, f.name) for f in fields(ending) if hasattr(change, f.name)}
    return ending(**{**shared, **facts})


class Centre:
    """notify with its worker, and roster's voice."""

    def __init__(self, database: Database, api: Api, clock: ManualClock) -> None:
        self.database, self.api, self.clock = database, api, clock
        self.transport = EmbeddedTransport()
        self.worker = build(database, self.transport)
        self.manager = api.as_("manager")
        self.supervisor = api.as_("supervisor", staff_no=SUPERVISOR, teams=("T1",))
        self.lead = api.as_("lead", staff_no=LEAD, teams=(str(TEAM_ID),))
        self.anyone = api.client()

    def agent(self, staff_no: str) -> httpx.AsyncClient:
        return self.api.as_("agent", staff_no=staff_no, teams=("T1",))

    async def hear(self, event: Event, sequence: int = 1, *, times: int = 1) -> None:
        """An event arrives, perhaps several times."""
        envelope = Envelope(
            id=new_id(),
            source="/roster",
            type=event.type,
            subject=event.subject,
            time=self.clock.now(),
            sequence=sequence,
            data=event,
            correlation_id="test",
        )
        delivery = Delivery(str(envelope.id), encode(envelope))
        for _ in range(times):
            assert await self.worker.consumer.process([delivery]) == [Outcome.DONE]

    async def settle(self) -> None:
        """Everything that waits is done."""
        await self.worker.fire_due()
        while await self.worker.drain_all():
            pass

    async def move_to(self, instant: datetime) -> None:
        self.clock.move_to(instant)
        await self.settle()

    async def messages(self, staff_no: str | None = None, **filters: str) -> list[dict[str, Any]]:
        params = filters | ({"staff_no": staff_no} if staff_no else {}) | {"limit": "200"}
        response = await self.manager.get("/notify/v1/messages", params=params)
        assert response.status_code == 200, response.text
        found: list[dict[str, Any]] = response.json()["items"]
        return found

    async def templates(self, staff_no: str, channel: str = "inbox") -> list[str]:
        """What somebody was told, in short and in order."""
        return [m["template"].partition(".")[2] for m in await self.messages(staff_no, channel=channel)]

    async def question(self, change: ShiftChangeAnnounced) -> dict[str, Any]:
        listed = await self.manager.get("/notify/v1/acknowledgements", params={"subject_id": str(change.change_id)})
        newest = listed.json()["items"][0]["acknowledgement_id"]
        response = await self.manager.get(f"/notify/v1/acknowledgements/{newest}")
        assert response.status_code == 200, response.text
        found: dict[str, Any] = response.json()
        return found

    async def link(self, change: ShiftChangeAnnounced) -> str:
        """The path of the newest answer link about that change."""
        found = await self.messages(change.staff_no, subject_id=str(change.change_id))
        url: str = [message["link"] for message in found if message["link"]][-1]
        return httpx.URL(url).path

    async def published(self) -> list[Event]:
        """Every event notify has recorded, in order."""
        outbox = self.database.kernel.outbox
        async with self.database.reading() as conn:
            rows = await conn.execute(select(outbox.c.body).order_by(outbox.c.position))
        return [decode(row.body).data for row in rows]

    async def everything(self) -> dict[str, list[Any]]:
        """All that notify stores, row by row."""
        stored = {}
        async with self.database.reading() as conn:
            for table in tables.metadata.sorted_tables:
                rows = await conn.execute(select(table).order_by(*table.primary_key.columns))
                stored[table.name] = [tuple(row) for row in rows]
        return stored

    async def vouch(self, staff_no: str, channel: str = "sms", address: str = "13812345678") -> dict[str, Any]:
        body = {"channel": channel, "address": address, "verified": True}
        response = await self.supervisor.post(f"/notify/v1/recipients/{staff_no}/contacts", json=body)
        assert response.status_code == 201, response.text
        added: dict[str, Any] = response.json()
        return added


@pytest.fixture
async def centre(open_database: Callable[[str], Database], open_api: Callable[..., Api], clock: ManualClock) -> Centre:
    """A team of two agents, their lead and their supervisor, all known here."""
    database = open_database("notify")
    made = Centre(database, open_api("notify", database), clock)
    await made.hear(a_team())
    for staff_no in ("A001", "A002", LEAD, SUPERVISOR):
        await made.hear(an_agent(staff_no))
    return made


def ids(items: list[dict[str, Any]], name: str) -> list[UUID]:
    return [UUID(item[name]) for item in items]
