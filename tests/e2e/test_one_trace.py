"""One request is followed through every service it reaches, by one trace id."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.platform.auth import Signer
from shared.platform.ids import new_id
from tests import patient
from tests.dev_process import DevProcess
from tests.e2e.collector import Collector, collecting

TRACE = "0af7651916cd43dd8448eb211c80319c"
Seen = set[tuple[str, str]]


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as server:
        yield server


@pytest.mark.parametrize("transport", ["embedded", "rabbitmq"])
async def test_a_request_is_one_trace_through_outbox_broker_and_consumers(
    transport: str, collector: Collector, database_url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    if transport == "rabbitmq":
        rabbit = request.getfixturevalue("rabbit")
        environment["AMQP_URL"] = f"{rabbit.amqp_url.rstrip('/')}/trace-{new_id().hex}"
        environment["RABBITMQ_MANAGEMENT_URL"] = rabbit.management_url
    process = DevProcess(tmp_path / "data", "--no-demo", environment=environment)
    process.start()
    try:
        await _create_team(process)
        wanted = {
            ("roster", "POST /teams"),
            ("roster", "publish roster.team.changed.v1"),
            ("notify", "apply roster.team.changed.v1"),
            ("cases", "apply roster.team.changed.v1"),
        }
        seen = await _seen(collector, wanted)
        assert seen >= wanted, seen
    finally:
        process.stop()


async def _create_team(process: DevProcess) -> None:
    token = Signer(process.data / "keys").token(sub="m", roles=("manager",))
    headers = {"Authorization": f"Bearer {token}", "traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}
    async with patient.AsyncClient(base_url=process.url, headers=headers) as client:
        answer = await client.post("/roster/v1/teams", json={"code": "T1", "name": "一组", "zone": "Asia/Shanghai"})
    assert answer.status_code == 201, answer.text


async def _seen(collector: Collector, wanted: Seen) -> Seen:
    for _ in range(1200):
        if _of_the_trace(collector) >= wanted:
            break
        await asyncio.sleep(0.05)
    return _of_the_trace(collector)


def _of_the_trace(collector: Collector) -> Seen:
    """Service and name of each span that belongs to our trace."""
    return {
        (attribute.value.string_value, span.name)
        for span in list(collector.spans)
        if span.trace_id.hex() == TRACE
        for attribute in span.attributes
        if attribute.key == "ringback.service"
    }
