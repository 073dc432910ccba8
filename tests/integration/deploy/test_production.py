"""Every command that the containers run, run for real: own database roles, own broker users, ready, asked, ended."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import aiormq
import asyncpg
import httpx
import pytest
from aiormq.exceptions import ChannelAccessRefused

from deploy.ports import free_port
from deploy.provision import role_of
from shared.contracts.routes import SERVICES
from shared.platform.auth import Signer
from shared.platform.ids import new_id
from tests import patient
from tests.conftest import Rabbit, with_database
from tests.dev_process import ROOT
from tests.integration.deploy.composed import Process, Site, services

PARTS = [f"{service}-{part}" for service in SERVICES for part in ("api", "worker")]


def made_env(folder: Path) -> dict[str, str]:
    """What `deploy/docker/make-env` writes."""
    script = folder / "deploy" / "docker" / "make-env"
    script.parent.mkdir(parents=True)
    shutil.copy(ROOT / "deploy" / "docker" / "make-env", script)
    subprocess.run([str(script)], check=True, capture_output=True)
    return dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, empty_database: str, rabbit: Rabbit) -> Iterator[Site]:
    """Provisioned, migrated, every service's api and worker running and ready."""
    folder, database = tmp_path_factory.mktemp("site"), empty_database
    variables = made_env(folder)
    server = urlsplit(database).netloc.rpartition("@")[2]
    broker = urlsplit(rabbit.amqp_url).netloc.rpartition("@")[2]
    vhost = f"site-{new_id().hex}"
    replaced = {
        f"postgres:{variables['POSTGRES_PASSWORD']}@postgres:5432/ringback": database.partition("://")[2],
        "postgres:5432/ringback": f"{server}{urlsplit(database).path}",
        "rabbitmq:5672/": f"{broker}/{vhost}",
        f"http://ringback:{variables['RABBITMQ_PASSWORD']}@rabbitmq:15672": rabbit.management_url,
        "/data": str(folder / "data"),
        "/run/ringback": str(folder / "run"),
    }
    site = Site(folder, services(variables), replaced)
    for name in ("provision", "provision", "migrate", "migrate"):  # twice: both are repeatable
        done = site.once(name, AMQP_URL=f"amqp://{broker}/{vhost}") if name == "provision" else site.once(name)
        assert done.returncode == 0, done.stderr
    try:
        for part in PARTS:
            site.start(part)
        for process in site.running.values():
            process.wait_ready()
        yield site
    finally:
        for process in site.running.values():
            process.process.kill()
            process.process.wait()


@pytest.fixture(scope="module")
def manager(site: Site) -> dict[str, str]:
    token = Signer(site.folder / "data" / "keys").token(sub="m", roles=("manager",))
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_ready_for_a_reason(site: Site, part: str) -> None:
    checks = site.running[part].wait_ready()["checks"]
    assert {"database", "migrations"} <= set(checks)
    assert ("broker" in checks) == part.endswith("-worker")
    assert patient.get(f"{site.running[part].url}/livez").status_code == 200
    assert "ringback_" in patient.get(f"{site.running[part].url}/metrics").text


@pytest.mark.parametrize("service", SERVICES)
def test_an_api_answers_those_who_may_ask(site: Site, manager: dict[str, str], service: str) -> None:
    url = f"{site.running[f'{service}-api'].url}/{service}/v1/parked"
    assert patient.get(url).status_code == 401
    assert patient.get(url, headers=manager).json() == {"items": [], "next": None}


def test_a_write_travels_from_its_service_to_the_others(
    site: Site, manager: dict[str, str], empty_database: str
) -> None:
    team = {"code": "T1", "name": "一组", "zone": "Asia/Shanghai"}
    made = patient.post(f"{site.running['roster-api'].url}/roster/v1/teams", json=team, headers=manager)
    assert made.status_code == 201, made.text
    deadline = time.monotonic() + 60
    while not (applied := asyncio.run(_applied(empty_database))) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert applied, site.running["roster-worker"].output[-3000:]


async def _applied(database: str) -> bool:
    conn = await asyncpg.connect(database)
    try:
        return all([await conn.fetchval(f"SELECT count(*) FROM {service}.inbox") for service in ("notify", "cases")])
    finally:
        await conn.close()


def test_a_database_role_sees_its_own_schema_only(site: Site, empty_database: str) -> None:
    async def look() -> None:
        url = with_database(empty_database, urlsplit(empty_database).path[1:], role_of("roster"))
        conn = await asyncpg.connect(url)
        try:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute("SELECT * FROM kpi.outbox")
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute("CREATE TABLE public.mine ()")
        finally:
            await conn.close()

    asyncio.run(look())


def test_a_broker_user_reads_its_own_queues_only(site: Site) -> None:
    async def look() -> None:
        url = site.environment("roster-worker")["AMQP_URL"]
        conn = await aiormq.connect(url)
        try:
            with pytest.raises(ChannelAccessRefused):
                await (await conn.channel()).basic_get("svc.kpi")
            with pytest.raises(ChannelAccessRefused):
                await (await conn.channel()).queue_declare("mine")
        finally:
            await conn.close()

    asyncio.run(look())


def test_the_gateway_routes_by_service(site: Site, manager: dict[str, str], tmp_path: Path) -> None:
    nginx = shutil.which("nginx")
    if nginx is None:
        pytest.skip("nginx is not installed")
    port, process = _gateway(nginx, site, tmp_path)
    try:
        for service in SERVICES:
            answer = patient.get(f"http://127.0.0.1:{port}/{service}/v1/parked", headers=manager)
            assert answer.json() == {"items": [], "next": None}
        assert patient.get(f"http://127.0.0.1:{port}/livez").status_code == 200
        for path in ("/readyz", "/metrics", "/"):
            answer = patient.get(f"http://127.0.0.1:{port}{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "no-such-route")
        link = patient.get(f"http://127.0.0.1:{port}/a/no-such-token")
        assert 400 <= link.status_code < 500
        assert "no-such-token" not in (tmp_path / "access.log").read_text()
    finally:
        process.terminate()
        process.wait()


NGINX = """
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/client; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/gateway.conf;
}}
"""


def _gateway(nginx: str, site: Site, folder: Path) -> tuple[int, subprocess.Popen[bytes]]:
    port = free_port()
    config = (ROOT / "deploy" / "docker" / "gateway.conf").read_text()
    config = config.replace("listen 8080", f"listen 127.0.0.1:{port}").replace("/dev/stdout", f"{folder}/access.log")
    for service in SERVICES:
        config = config.replace(f"http://{service}-api:8000", site.running[f"{service}-api"].url)
    (folder / "gateway.conf").write_text(config)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder))
    command = [nginx, "-c", f"{folder}/nginx.conf", "-p", str(folder), "-e", f"{folder}/error.log"]
    process = subprocess.Popen(command)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not _answers(port):
        time.sleep(0.05)
    return port, process


def _answers(port: int) -> bool:
    try:
        return patient.get(f"http://127.0.0.1:{port}/livez").status_code == 200
    except httpx.HTTPError:
        return False


@pytest.mark.parametrize("part", PARTS)
def test_sigterm_ends_every_part_in_order(site: Site, part: str) -> None:
    process: Process = site.running[part]
    assert process.stop() == 0, process.output[-3000:]
    assert "Traceback" not in process.output, process.output[-3000:]
