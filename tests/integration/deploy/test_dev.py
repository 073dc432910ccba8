"""`ringback dev` as its user meets it: ready, asked, stopped, started again."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.dev.folder import DataFolder
from deploy.http import bind
from deploy.ports import free_port
from deploy.trouble import Trouble
from shared.platform.auth import Signer
from tests import patient
from tests.dev_process import ROOT, DevProcess

READY_SECONDS, STARTS = 5, 5
MEMORY_MB = 150


@pytest.fixture(scope="module")
def dev() -> Iterator[DevProcess]:
    """One that runs, with a PostgreSQL of its own (so not below pytest's folder, which it closes to other accounts)."""
    with tempfile.TemporaryDirectory(prefix="ringback-test-dev-") as folder:
        process = DevProcess(Path(folder) / "data", "--no-demo", real=True)
        process.start()
        yield process
        if process.running:
            process.stop()


def as_manager(dev: DevProcess, **more: str) -> httpx.Client:
    token = Signer(dev.data / "keys").token(sub="m", roles=("manager",))
    return patient.Client(base_url=dev.url, headers={"Authorization": f"Bearer {token}", **more})


def now(dev: DevProcess) -> datetime:
    with as_manager(dev) as client:
        return datetime.fromisoformat(client.get("/dev/clock").raise_for_status().json()["now"])


def ringback(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, run to its end."""
    command = [sys.executable, "-m", "deploy.cli", *words]
    inherited = {"PATH": "/usr/local/bin:/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=inherited | environment)


def test_it_is_ready_with_every_service_on_one_origin(dev: DevProcess) -> None:
    ready = patient.get(f"{dev.url}/readyz")
    assert ready.status_code == 200, ready.text
    assert set(ready.json()["services"]) == {"roster", "notify", "cases", "kpi"}
    for service in ready.json()["services"]:
        document = patient.get(f"{dev.url}/{service}/v1/openapi.json").raise_for_status().json()
        assert all(path.startswith((f"/{service}/v1/", "/a/")) for path in document["paths"])


@pytest.mark.parametrize("page", ["/", "/docs", "/dev/messages"])
def test_people_find_their_way_in_two_languages(dev: DevProcess, page: str) -> None:
    answer = patient.get(dev.url + page)
    assert answer.headers["content-type"].startswith("text/html")
    assert "回音" in answer.text


def test_the_output_names_the_address_and_tokens_that_work(dev: DevProcess) -> None:
    assert "已就绪" in dev.output
    curl = next(line for line in dev.output.splitlines() if "curl" in line and "/roster/v1/teams" in line)
    token = curl.split("Bearer ")[1].split("'")[0]
    assert patient.get(f"{dev.url}/dev/clock", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_unknown_addresses_are_answered_with_a_problem(dev: DevProcess) -> None:
    for path in ("/nowhere", "/dev/nowhere", "/roster/nowhere", "//", "/roster"):
        answer = patient.get(dev.url + path)
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_metrics_cover_all_services(dev: DevProcess) -> None:
    told = patient.get(f"{dev.url}/metrics").text
    for service in ("roster", "notify", "cases", "kpi"):
        assert f'ringback_outbox_unsent{{service="{service}"}}' in told


def test_the_clock_moves_forward_by_as_much_as_asked(dev: DevProcess) -> None:
    with as_manager(dev) as manager:
        before = now(dev)
        moved = manager.post("/dev/clock/advance", json={"hours": 1, "minutes": 30}).json()["now"]
        assert timedelta(minutes=90) <= datetime.fromisoformat(moved) - before < timedelta(minutes=91)
        to = (now(dev) + timedelta(days=2)).isoformat()
        assert datetime.fromisoformat(manager.post("/dev/clock/advance", json={"to": to}).json()["now"]) >= (
            datetime.fromisoformat(to)
        )


@pytest.mark.parametrize(
    "step",
    [
        {},
        {"to": "2020-01-01T00:00:00Z"},
        {"to": "9999-12-31T23:59:59Z"},
        {"to": "2027-01-01T00:00:00"},
        {"minutes": -1},
        {"minutes": "soon"},
        {"days": 401},
        {"minutes": 1, "to": "2027-01-01T00:00:00Z"},
        {"fortnights": 1},
        [],
    ],
    ids=str,
)
def test_a_step_that_makes_no_sense_is_refused_and_moves_nothing(dev: DevProcess, step: Any) -> None:
    before = now(dev)
    with as_manager(dev) as manager:
        answer = manager.post("/dev/clock/advance", json=step)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert now(dev) - before < timedelta(minutes=1)


def test_only_a_manager_moves_the_clock_and_only_a_token_reads_it(dev: DevProcess) -> None:
    agent = Signer(dev.data / "keys").token(sub="A001", roles=("agent",), staff_no="A001")
    headers = {"Authorization": f"Bearer {agent}"}
    assert patient.get(f"{dev.url}/dev/clock").status_code == 401
    assert patient.get(f"{dev.url}/dev/clock", headers=headers).status_code == 200
    assert patient.post(f"{dev.url}/dev/clock/advance", json={"minutes": 1}, headers=headers).status_code == 403


@pytest.mark.parametrize(
    "words",
    [
        ("--role", "manager"),
        ("--role", "agent", "--staff-no", "A001", "--team", "T1", "--team", "T2"),
        ("--as", "lead-01"),
        ("--client", "crm", "--scopes", "cases:read,cases:work"),
        ("--client", "crm"),
    ],
    ids=" ".join,
)
def test_the_token_command_prints_one_token_and_nothing_else(dev: DevProcess, words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(app, ["token", "--data", str(dev.data), *words])
    assert (told.exit_code, told.stderr) == (0, "")
    [token] = told.stdout.splitlines()
    assert patient.get(f"{dev.url}/dev/clock", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_second_one_on_the_same_folder_is_refused(dev: DevProcess) -> None:
    second = ringback("dev", "--port", "0", "--data", str(dev.data))
    assert second.returncode == 1
    assert "Another ringback dev is using the data folder" in second.stderr
    assert "正被另一个" in second.stderr
    assert "Traceback" not in second.stderr
    assert patient.get(f"{dev.url}/livez").status_code == 200


def test_a_warm_start_is_quick_and_small_and_keeps_data_clock_and_keys(dev: DevProcess) -> None:
    with as_manager(dev) as manager:
        manager.post("/dev/clock/advance", json={"days": 1}).raise_for_status()
        before = now(dev)
        jwks = (dev.data / "keys" / "jwks.json").read_text()
    assert dev.stop() == 0, dev.output
    assert not (dev.data / "ready.json").exists()
    dev.start()
    memory = psutil.Process(dev.pid).memory_info().rss / 1e6
    assert memory < MEMORY_MB, f"{memory:.0f} MB"
    assert timedelta() <= now(dev) - before < timedelta(minutes=2)
    assert (dev.data / "keys" / "jwks.json").read_text() == jwks
    assert any(is_quick(dev) for _ in range(STARTS)), "a start takes too much processor time"


def is_quick(dev: DevProcess) -> bool:
    """Whether its start took little, else it is started again; processor time, which others on the cores make grow."""
    used = psutil.Process(dev.pid).cpu_times()
    if used.user + used.system < READY_SECONDS:
        return True
    dev.stop()
    dev.start()
    return False


def test_after_a_crash_it_starts_again_and_ends_what_was_left_running(dev: DevProcess) -> None:
    before = now(dev)
    dev.stop(signal.SIGKILL)
    dev.start()
    assert now(dev) >= before
    servers = [process for process in psutil.process_iter(["cmdline"]) if _serves(process, dev.data / "postgres")]
    assert len(servers) == 1


def _serves(process: psutil.Process, folder: Path) -> bool:
    cmdline = process.info["cmdline"] or []
    return cmdline[1:3] == ["-D", str(folder)]


def test_ctrl_c_ends_it_in_order_and_leaves_nothing_running(dev: DevProcess) -> None:
    assert dev.stop(signal.SIGINT) == 0, dev.output
    assert "Traceback" not in dev.output, dev.output
    assert not [process for process in psutil.process_iter(["cmdline"]) if _serves(process, dev.data / "postgres")]


def test_a_port_in_use_is_told_in_a_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Trouble, match=f"Cannot use 127.0.0.1:{port}"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("fresh", [False, True])
def test_a_folder_with_other_files_is_never_used_nor_emptied(tmp_path: Path, fresh: bool) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    with pytest.raises(Trouble, match="is not a data folder of Ringback"), DataFolder(tmp_path).taken(fresh=fresh):
        pass
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.txt"]


def test_fresh_empties_a_folder_of_ours(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    with folder.taken():
        secret = folder.link_key.read_text()
        folder.people.write_text("[]")
        folder.postgres.mkdir()
    with folder.taken():
        assert folder.link_key.read_text() == secret
    with folder.taken(fresh=True):
        assert folder.link_key.read_text() != secret
        assert not folder.people.exists()
        assert not folder.postgres.exists()


def test_an_unreachable_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    url = f"postgresql://somebody:secret-word@127.0.0.1:{free_port()}/ringback"
    told = ringback("dev", "--port", "0", "--data", str(tmp_path / "data"), DATABASE_URL=url)
    assert told.returncode == 1
    assert "cannot be used" in told.stderr
    assert "secret-word" not in told.stderr
    assert "Traceback" not in told.stderr
