"""A phone number put in at every entrance of a service is found in no log, event, trace, error or other schema."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.contracts import ROOT
from shared.contracts.routes import SERVICES
from shared.platform.auth import Signer
from tests.dev_process import DevProcess
from tests.e2e.collector import Collector, collecting
from tests.e2e.schema_filler import Filler

CANARIES = {"roster": "13722223333", "cases": "13711112222", "notify": "13733334444", "kpi": "13744445555"}
DOCUMENT = json.loads((ROOT / "docs/openapi/ringback.json").read_text())


class Cage:
    """The running product, and everything it said."""

    def __init__(self, process: DevProcess, collector: Collector) -> None:
        self.process = process
        self.collector = collector
        token = Signer(process.data / "keys").token(sub="canary", roles=("manager",), staff_no="A001", teams=("T1",))
        headers = {"Authorization": f"Bearer {token}"}
        self.client = httpx.AsyncClient(base_url=process.url, headers=headers, timeout=30)
        self.refusals: list[str] = []
        self.accepted: set[str] = set()

    async def ask(self, method: str, path: str, body: Any) -> Any:
        """Ask, and keep what was refused."""
        answer = await self.client.request(method, path, json=body, headers={"If-Match": '"1"'})
        assert answer.status_code < 500, f"{method} {path}: {answer.text}"
        if answer.is_error:
            self.refusals.append(answer.text)
            return None
        self.accepted.add(path.split("/")[1])
        return answer.json() if answer.content else None

    async def put_in(self, service: str, number: str) -> None:
        """Every operation of a service twice, with the number wherever a text goes."""
        filler = Filler(DOCUMENT, f"请回电 {number}")
        for team in ({"code": "T1", "name": "一组"}, {"code": "T2", "name": "二组"}):
            filler.learn(await self.ask("POST", "/roster/v1/teams", team | {"zone": "Asia/Shanghai"}))
        for _ in range(2):
            for method, path, body in filler.operations(service):
                filler.learn(await self.ask(method, path, body))


@pytest.fixture
async def cage(database_url: str, tmp_path: Path) -> AsyncIterator[Cage]:
    with collecting() as collector:
        environment = {
            "DATABASE_URL": database_url,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        process = DevProcess(tmp_path / "data", "--no-demo", environment=environment)
        process.start()
        cage = Cage(process, collector)
        yield cage
        await cage.client.aclose()
        process.stop()


async def test_a_phone_number_stays_in_the_service_it_was_given_to(cage: Cage, database_url: str) -> None:
    for service, number in CANARIES.items():
        await cage.put_in(service, number)
    await put_in_by_hand(cage)
    (await cage.client.post("/dev/clock/advance", json={"minutes": 0}, timeout=120)).raise_for_status()
    cage.process.stop()
    said = {
        "logs": cage.process.output,
        "traces": str(cage.collector.spans),
        "refusals": "\n".join(cage.refusals),
        **await everything_stored(database_url),
    }
    assert len(cage.collector.spans) > 100
    assert cage.accepted == set(SERVICES)
    for service, number in CANARIES.items():
        found = {place for place, text in said.items() if number in text}
        assert {place for place in found if not place.startswith(f"{service}.")} == set(), f"{service}'s {number}"
        assert f"{service}.outbox" not in found
    assert CANARIES["cases"] in said["cases.identities"] + said["cases.customers"] + said["cases.cases"]


async def put_in_by_hand(cage: Cage) -> None:
    """The entrances at which a number is at home."""
    number = CANARIES["cases"]
    customer = await cage.ask(
        "POST",
        "/cases/v1/customers",
        {"external_id": "C1", "name": "张三", "identities": [{"kind": "phone", "value": number}]},
    )
    assert customer, cage.refusals[-1]
    topic = {"code": "refund", "name": "退款", "owner_team": "T1"}
    await cage.ask("POST", "/cases/v1/topics", topic)
    case = {"type": "feedback", "topic": "refund", "customer_id": customer["customer_id"], "channel": "phone"}
    text = {"subject": f"回电 {number}", "description": f"打 {number}"}
    await cage.ask("POST", "/cases/v1/cases", case | text)
    agent = {"staff_no": "A001", "name": "王芳", "roles": ["agent"], "hired_on": "2026-01-01"}
    await cage.ask("POST", "/roster/v1/agents", agent | {"team_id": await _team_id(cage)})
    address = {"channel": "sms", "address": CANARIES["notify"], "verified": True}
    await cage.ask("POST", "/notify/v1/recipients/A001/contacts", address)


async def _team_id(cage: Cage) -> str:
    items = (await cage.client.get("/roster/v1/teams")).json()["items"]
    return str(items[0]["team_id"])


async def everything_stored(database_url: str) -> dict[str, str]:
    """Every table's content as text, by schema and table; the partitions of the outbox as one."""
    conn = await asyncpg.connect(database_url)
    try:
        tables = await conn.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname = ANY($1)", list(SERVICES)
        )
        stored: dict[str, str] = {}
        for schema, table in tables:
            place = f"{schema}.{'outbox' if table.startswith('outbox') else table}"
            rows = await conn.fetch(f"SELECT * FROM {schema}.{table}")
            stored[place] = stored.get(place, "") + "\n".join(_text(value) for row in rows for value in row.values())
        return stored
    finally:
        await conn.close()


def _text(value: Any) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
