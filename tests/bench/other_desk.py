"""A case opened and handed to another team, here and in django-helpdesk, on the same machine and PostgreSQL.

`python -m tests.bench.other_desk`: makes a virtual environment of its own from the package index and throws it away. A
comparison, not a dependency. Each serves with one process, over its HTTP API, to eight connections that wait for their
answers, turn by turn. There the ticket is created and then given to another queue and person; that nobody accepts it
there, that no clock runs and no event leaves, is what the comparison cannot weigh.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median
from typing import Any
from uuid import uuid4

import asyncpg
import uvloop

from deploy.ports import free_port
from deploy.postgres import PrivatePostgres
from deploy.provision import migrate, provision_database, role_of
from shared.platform.auth import Signer
from tests.bench.load import _listening, process

PACKAGES = ("django-helpdesk==2.6.1", "psycopg[binary]", "gunicorn")
ROUNDS, SECONDS, CONNECTIONS = 5, 3.0, 8

DESK = """
import os
from urllib.parse import urlsplit
from django.conf import settings
url = urlsplit(os.environ["DESK_DATABASE"])
settings.configure(
    SECRET_KEY="x", ALLOWED_HOSTS=["*"], ROOT_URLCONF="desk", SITE_ID=1, USE_TZ=True, DEBUG=False,
    INSTALLED_APPS=["django.contrib." + one for one in (
        "auth", "contenttypes", "sessions", "messages", "sites", "humanize", "admin")] + ["helpdesk", "rest_framework"],
    MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {
        "context_processors": ["django.template.context_processors.request",
            "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages"]}}],
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], "USER": url.username,
        "HOST": url.hostname, "PORT": url.port, "CONN_MAX_AGE": None}},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend", HELPDESK_ACTIVATE_API_ENDPOINT=True,
    HELPDESK_TEAMS_MODE_ENABLED=False, DEFAULT_AUTO_FIELD="django.db.models.AutoField")
import django
django.setup()
from django.core.wsgi import get_wsgi_application
from django.urls import include, path
urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
application = get_wsgi_application()
if __name__ == "__main__":
    from django.core.management import call_command
    call_command("migrate", verbosity=0)
    from django.contrib.auth import get_user_model
    from helpdesk.models import Queue
    for name in ("desk", "other"):
        get_user_model().objects.create_superuser(name, name + "@example.test", "desk")
        Queue.objects.create(title=name, slug=name)
"""


class Desk:
    """One desk to be measured: its port and headers, how a case is opened, and how it is handed over."""

    def __init__(self, port: int, headers: dict[str, str], hand_over: Callable[[Any], tuple[str, str, Any]]) -> None:
        self.port, self.headers, self.hand_over = port, headers, hand_over
        self.open: tuple[str, str, Any] = ("POST", "/", {})

    async def per_second(self) -> float:
        """Cases opened and handed over in a second."""
        started = time.perf_counter()
        counts = await asyncio.gather(*(self._one_connection(started + SECONDS) for _ in range(CONNECTIONS)))
        return sum(counts) / (time.perf_counter() - started)

    async def _one_connection(self, until: float) -> int:
        wire = await asyncio.open_connection("127.0.0.1", self.port)
        count = 0
        while time.perf_counter() < until:
            made = await self._exchange(wire, *self.open)
            await self._exchange(wire, *self.hand_over(made))
            count += 1
        wire[1].close()
        return count

    async def _exchange(self, wire: Any, method: str, path: str, body: Any) -> Any:
        raw = json.dumps(body).encode()
        headers = {"Host": "127.0.0.1", "Content-Type": "application/json", "Content-Length": len(raw), **self.headers}
        lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        wire[1].write("\r\n".join(lines).encode() + b"\r\n\r\n" + raw)
        head = await wire[0].readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        answer = await wire[0].readexactly(length)
        if head.split()[1][:1] != b"2":
            raise RuntimeError(f"{method} {path}: {head[:40]!r} {answer[:300]!r}")
        return json.loads(answer)


@asynccontextmanager
async def helpdesk(folder: Path, postgres: PrivatePostgres) -> AsyncIterator[Desk]:
    """django-helpdesk in an environment of its own, behind gunicorn with one process of eight threads."""
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv/bin/python")
    subprocess.run([python, "-m", "pip", "install", "-q", *PACKAGES], check=True)
    await _execute(postgres.url(), "CREATE DATABASE desk")
    (folder / "desk.py").write_text(DESK)
    environment = os.environ | {"DESK_DATABASE": postgres.url("desk"), "PYTHONPATH": str(folder)}
    subprocess.run([python, str(folder / "desk.py")], env=environment, check=True)
    port = free_port()
    words = ["-m", "gunicorn", "-w", "1", "--threads", str(CONNECTIONS), "-b", f"127.0.0.1:{port}", "desk:application"]
    running = subprocess.Popen([python, *words], env=environment, stderr=subprocess.DEVNULL)
    try:
        await _listening(port, running)
        basic = base64.b64encode(b"desk:desk").decode()
        desk = Desk(
            port,
            {"Authorization": f"Basic {basic}", "Accept": "application/json"},
            lambda made: ("PATCH", f"/api/tickets/{made['id']}/", {"queue": 2, "assigned_to": 2}),
        )
        text = {"title": "没收到货", "description": "三天了还没有收到。", "submitter_email": "a@example.test"}
        desk.open = ("POST", "/api/tickets/", text | {"queue": 1, "priority": 3})
        yield desk
    finally:
        running.terminate()
        running.wait(20)


@asynccontextmanager
async def ours(folder: Path, postgres: PrivatePostgres) -> AsyncIterator[Desk]:
    """The cases service as `ringback serve cases --api` runs it."""
    await _execute(postgres.url(), "CREATE DATABASE ringback_compared")
    await provision_database(postgres.url("ringback_compared"))
    url = postgres.url("ringback_compared", role_of("cases"))
    await migrate(url, "cases")
    team = "INSERT INTO cases.teams (team_id, code, name, zone, sequence) VALUES ($1, 'B', 'B', 'Asia/Shanghai', 1)"
    await _execute(url, team, uuid4())
    signer = Signer(folder / "keys")
    words = ["-m", "deploy.cli", "serve", "cases", "--api", "--host", "127.0.0.1", "--port", "{port}"]
    async with process(words, DATABASE_URL=url, JWKS=str(signer.jwks_file)) as port:
        token = signer.token(sub="crm", roles=("integration",))
        asked = {"to_team": "B", "reason": "查件", "request": "请核实包裹位置", "channel": "system"}
        desk = Desk(
            port,
            {"Authorization": f"Bearer {token}"},
            lambda made: ("POST", f"/cases/v1/cases/{made['case_id']}/handoffs", asked),
        )
        text = {"subject": "没收到货", "description": "三天了还没有收到。"}
        desk.open = ("POST", "/cases/v1/cases", text | {"type": "consult"})
        yield desk


async def _execute(url: str, sql: str, *arguments: Any) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(sql, *arguments)
    finally:
        await conn.close()


async def main() -> None:
    """Measure both, and say how they compare."""
    with tempfile.TemporaryDirectory(prefix="ringback-compared-") as name:
        folder = Path(name)
        postgres = PrivatePostgres(folder / "postgres")
        postgres.start()
        try:
            async with helpdesk(folder, postgres) as theirs, ours(folder, postgres) as here:
                rates = [(await here.per_second(), await theirs.per_second()) for _ in range(ROUNDS + 1)][1:]
        finally:
            postgres.stop()
    own, other = median(one for one, _ in rates), median(one for _, one in rates)
    sys.stdout.write(
        f"opened and handed over: {own:,.0f}/s here, {other:,.0f}/s in {PACKAGES[0]}; {own / other:.1f} x\n"
    )


if __name__ == "__main__":
    uvloop.run(main())
