"""The services as an operations team runs them: `ringback serve`, each API and each worker a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from deploy.keys import make_link_key
from deploy.ports import free_port
from deploy.provision import role_of
from shared.platform.auth import Signer
from tests.forked import Forked

READY_SECONDS = 60
EVERYDAY = ('"event": "request"', '"event": "audit_sealed"')


@dataclass
class Running:
    """One process, and where its HTTP port is."""

    process: Forked
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class Processes:
    """Starts, kills, freezes and ends processes by name (`roster-api`, `notify-worker`, `notify-worker-2`)."""

    folder: Path
    signer: Signer
    database: str
    database_port: int = 0
    amqp_url: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)

    def start(self, name: str, *, hours_ahead: float = 0) -> Running:
        """Start one; its machine's clock may be wrong."""
        service, part = name.split("-")[:2]
        port = free_port()
        words = ("serve", service, f"--{part}", "--port", str(port))
        module = ("tests.faults.fleet.ahead", str(hours_ahead)) if hours_ahead else ("deploy.cli",)
        process = Forked(*module, *words, env=self._environment(service), stdout=self.folder / f"{name}.log")
        self.running[name] = Running(process, port)
        return self.running[name]

    def _environment(self, service: str) -> dict[str, str]:
        make_link_key(self.folder / "link-key")
        return {
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"postgresql://{role_of(service)}@127.0.0.1:{self.database_port}/{self.database}",
            "AMQP_URL": self.amqp_url,
            "JWKS": str(self.signer.jwks_file),
            "LINK_KEY_FILE": str(self.folder / "link-key"),
            "RATE_LIMIT_PER_MINUTE": "0",
            **self.settings,
        }

    async def ready(self, *names: str) -> None:
        """Wait until these say that they are ready."""
        deadline = time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient(timeout=3) as client:
            for name in names:
                while (said := await self._readiness(client, name)) != "ready":
                    assert time.monotonic() < deadline, f"{name} is not ready: {said}\n{self.logs()}"
                    await asyncio.sleep(0.1)

    async def _readiness(self, client: httpx.AsyncClient, name: str) -> str:
        running = self.running[name]
        assert running.process.poll() is None, f"{name} ended\n{self.logs()}"
        try:
            answer = await client.get(f"{running.url}/readyz")
        except httpx.HTTPError as error:
            return repr(error)
        return "ready" if answer.is_success else answer.text

    def kill(self, name: str) -> None:
        """SIGKILL, and start it again."""
        process = self.running[name].process
        process.kill()
        process.wait()
        self.start(name)

    def freeze(self, name: str) -> None:
        """SIGSTOP."""
        self.running[name].process.send_signal(signal.SIGSTOP)

    def thaw(self, name: str) -> None:
        """SIGCONT."""
        self.running[name].process.send_signal(signal.SIGCONT)

    async def end(self, name: str) -> int:
        """SIGTERM; the exit code."""
        process = self.running[name].process
        process.terminate()
        return await asyncio.to_thread(process.wait, 40)

    def end_all(self) -> None:
        """Let go of every process."""
        for running in self.running.values():
            running.process.kill()
            running.process.wait()
        self.running.clear()

    def logs(self) -> str:
        """What each said last, but for what it says all the time."""
        return "\n".join(f"== {file.name}\n{_telling(file)}" for file in sorted(self.folder.glob("*.log")))


def _telling(log: Path) -> str:
    lines = [line for line in log.read_text().splitlines() if not any(word in line for word in EVERYDAY)]
    return "\n".join(lines)[-2500:]
