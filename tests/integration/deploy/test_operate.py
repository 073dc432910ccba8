"""What an operator does from a shell, on a running product: doctor, parked messages, the audit log."""

from __future__ import annotations

import base64
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg
import pytest

from deploy.rabbit import PrivateRabbit
from shared.platform.auth import Signer
from shared.platform.ids import new_id
from tests import forked, patient
from tests.dev_process import DevProcess

Ringback = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(database_url: str, rabbit: PrivateRabbit) -> dict[str, str]:
    return {
        "DATABASE_URL": database_url,
        "AMQP_URL": f"{rabbit.amqp_url.rstrip('/')}/operate-{new_id().hex}",
        "RABBITMQ_MANAGEMENT_URL": rabbit.management_url,
    }


@pytest.fixture
def dev(environment: dict[str, str], tmp_path: Path) -> Iterator[DevProcess]:
    process = DevProcess(tmp_path / "data", "--no-demo", environment=environment)
    process.start()
    yield process
    process.stop()


@pytest.fixture
def ringback(dev: DevProcess, environment: dict[str, str], tmp_path: Path) -> Ringback:
    """Run a command against the running product."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        at = ("--data", str(dev.data))
        return forked.run("deploy.cli", *words, *at, env=dict(os.environ) | environment, folder=tmp_path)

    return run


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.1)


def _publish_nonsense(environment: dict[str, str], service: str, body: bytes) -> None:
    vhost = quote(environment["AMQP_URL"].rpartition("/")[2], safe="")
    message = {
        "properties": {"message_id": "nonsense-1"},
        "routing_key": f"svc.{service}",
        "payload": base64.b64encode(body).decode(),
        "payload_encoding": "base64",
    }
    url = f"{environment['RABBITMQ_MANAGEMENT_URL']}/api/exchanges/{vhost}/amq.default/publish"
    assert patient.post(url, json=message).json() == {"routed": True}


def test_the_doctor_finds_a_healthy_product_healthy(ringback: Ringback) -> None:
    _until(lambda: "✗" not in ringback("doctor").stdout)  # the broker counts consumers every five seconds
    said = ringback("doctor")
    assert said.returncode == 0, said.stdout + said.stderr
    for about in ("database clock", "roster schema", "cases outbox", "notify timers", "kpi queue", "broker alarms"):
        assert f"✓ {about}:" in said.stdout


async def test_the_doctor_names_each_ailment_and_its_cure(
    ringback: Ringback, environment: dict[str, str], database_url: str
) -> None:
    conn = await asyncpg.connect(database_url)
    try:
        await conn.execute("UPDATE kpi.alembic_version SET version_num = '0001'")
        await conn.execute(
            "INSERT INTO roster.timers (kind, subject_id, version, due_at, attempt, failure) "
            "VALUES ('expire_change', gen_random_uuid(), 1, now() + interval '1 hour', 3, 'no such thing')"
        )
    finally:
        await conn.close()
    vhost = quote(environment["AMQP_URL"].rpartition("/")[2], safe="")
    queues = f"{environment['RABBITMQ_MANAGEMENT_URL']}/api/queues/{vhost}"
    for name in ("svc.cases.retry.5s", "svc.kpi.parked"):
        patient.delete(f"{queues}/{name}").raise_for_status()
    alone = {"x-queue-type": "quorum", "x-single-active-consumer": True}
    patient.put(f"{queues}/svc.kpi.parked", json={"durable": True, "arguments": alone}).raise_for_status()
    said = ringback("doctor")
    assert said.returncode == 1
    assert "✗ kpi schema:" in said.stdout
    assert "ringback migrate kpi" in said.stdout
    assert "✗ roster timers:" in said.stdout
    assert "no such thing" in said.stdout
    assert "✗ cases queues:" in said.stdout
    assert "✗ kpi queues:" in said.stdout
    assert "svc.kpi.parked made with other arguments" in said.stdout
    assert "ringback provision" in said.stdout


def test_the_doctor_says_what_to_do_when_nothing_answers(dev: DevProcess, ringback: Ringback) -> None:
    dev.stop()
    said = ringback("doctor", "--url", dev.url)
    assert said.returncode == 1
    assert "✗ http:" in said.stdout
    assert "✗ roster queue:" in said.stdout
    assert "ringback serve roster --worker" in said.stdout


def test_a_parked_message_is_listed_shown_and_replayed(ringback: Ringback, environment: dict[str, str]) -> None:
    _publish_nonsense(environment, "roster", b'{"this is": "no event"}')
    _until(lambda: "malformed" in ringback("parked", "list").stdout)
    [line] = ringback("parked", "list", "--service", "roster").stdout.splitlines()
    parked_id = line.split()[1]
    assert ringback("parked", "show", parked_id, "--service", "roster").stdout.strip() == '{"this is": "no event"}'
    assert ringback("parked", "replay", "--service", "roster").stdout.strip() == "✓ 1"
    _until(lambda: "malformed" in ringback("parked", "list").stdout)


def test_a_parked_message_that_is_not_there_is_refused_in_both_languages(ringback: Ringback) -> None:
    said = ringback("parked", "replay", str(new_id()), "--service", "kpi")
    assert said.returncode == 1
    assert said.stderr.splitlines()[0].startswith("ringback: 404 找不到")
    assert "404 Not found" in said.stderr


def test_the_audit_log_is_listed_and_verified(dev: DevProcess, ringback: Ringback) -> None:
    token = Signer(dev.data / "keys").token(sub="boss", roles=("manager",))
    team = {"code": "T1", "name": "一组", "zone": "Asia/Shanghai"}
    headers = {"Authorization": f"Bearer {token}"}
    patient.post(f"{dev.url}/roster/v1/teams", json=team, headers=headers).raise_for_status()
    assert "boss  create_team  POST /roster/v1/teams  201" in ringback("audit", "list", "--service", "roster").stdout
    _until(lambda: "roster  1+0" in ringback("audit", "verify").stdout)
    said = ringback("audit", "verify")
    assert said.returncode == 0
    assert "✗" not in said.stdout
