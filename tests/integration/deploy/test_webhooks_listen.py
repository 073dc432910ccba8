"""`ringback webhooks listen` answers what is signed, refuses what is not, and says what came."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from standardwebhooks import Webhook

from deploy.listen import listen
from deploy.ports import free_port
from deploy.trouble import Trouble
from shared.platform.auth import Signer
from tests import patient
from tests.dev_process import ROOT, DevProcess

SECRET = "whsec_" + "A" * 43 + "="
BODY = json.dumps({"type": "cases.case.opened.v1", "subject": "s", "data": {"number": "C1"}})


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def url(said: list[str]) -> Iterator[str]:
    with listen(0, [SECRET], said.append) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def headers(secret: str) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(secret).sign("id-1", now, BODY)
    return {"webhook-id": "id-1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def test_a_signed_delivery_is_verified_and_printed(url: str, said: list[str]) -> None:
    assert patient.post(url, content=BODY, headers=headers(SECRET)).status_code == 204
    assert said == ['✓ verified  cases.case.opened.v1  s  {"number": "C1"}']


def test_anything_else_is_refused(url: str, said: list[str]) -> None:
    other = "whsec_" + "B" * 43 + "="
    assert patient.post(url, content=BODY, headers=headers(other)).status_code == 400
    assert patient.post(url, content=b"\xff").status_code == 400
    assert said[0].startswith("✗ No matching signature found")


def test_a_secret_that_is_none_is_told() -> None:
    with pytest.raises(Trouble):
        listen(0, ["secret!"])


@pytest.fixture
def manager(dev: DevProcess) -> Iterator[httpx.Client]:
    token = Signer(dev.data / "keys").token(sub="m", roles=("manager",))
    with patient.Client(base_url=dev.url, headers={"Authorization": f"Bearer {token}"}) as client:
        yield client


@pytest.fixture
def dev(database_url: str) -> Iterator[DevProcess]:
    """`ringback dev`, allowed to send to this machine."""
    with tempfile.TemporaryDirectory(prefix="ringback-test-listen-") as folder:
        environment = {"DATABASE_URL": database_url, "NOTIFY_WEBHOOK_PRIVATE": "true"}
        process = DevProcess(Path(folder) / "data", "--no-demo", environment=environment)
        process.start()
        yield process
        process.stop()


def test_ringback_webhooks_listen_prints_and_verifies_what_a_running_ringback_dev_delivers(
    manager: httpx.Client, tmp_path: Path
) -> None:
    port = free_port()
    body = {"url": f"http://127.0.0.1:{port}/", "events": ["roster.team.*"]}
    subscribed = manager.post("/notify/v1/webhooks", json=body)
    assert subscribed.status_code == 201, subscribed.text
    command = ["-u", "-m", "deploy.cli", "webhooks", "listen", "--port", str(port), "--secret"]
    printed = tmp_path / "printed"
    with printed.open("wb") as out:
        listener = subprocess.Popen(
            [sys.executable, *command, subscribed.json()["secret"]], stdout=out, stderr=out, cwd=ROOT
        )
    try:
        until(printed, f"http://127.0.0.1:{port}/")
        team = {"code": "T9", "name": "九组", "zone": "Asia/Shanghai"}
        assert manager.post("/roster/v1/teams", json=team).status_code == 201
        until(printed, '"name": "九组"')
    finally:
        listener.terminate()
        listener.wait(10)
    [line] = [line for line in printed.read_text().splitlines() if "roster.team.changed.v1" in line]
    assert line.startswith("✓ verified  roster.team.changed.v1")
    log = manager.get(f"/notify/v1/webhooks/{subscribed.json()['webhook_id']}/deliveries").json()["items"]
    assert [one["event_type"] for one in log] == ["roster.team.changed.v1"]


def until(file: Path, text: str) -> None:
    """Wait until a file says so."""
    for _ in range(1200):
        if text in file.read_text():
            return
        time.sleep(0.05)
    raise AssertionError(f"{text!r} was not printed:\n{file.read_text()}")
