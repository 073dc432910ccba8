"""docker-compose.yml, read as compose reads it, and its commands run here without containers."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import yaml

from deploy.ports import free_port
from tests import forked
from tests.forked import ROOT, Forked

VARIABLE = re.compile(r"\$\{(\w+)(?::([?-])([^}]*))?\}")
IMAGE = "ringback:latest"
READY_SECONDS = 60

Service = dict[str, Any]


def services(variables: dict[str, str]) -> dict[str, Service]:
    """The services of docker-compose.yml with `${…}` filled in; KeyError for a required one that is missing."""
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    found: dict[str, Service] = _filled(document["services"], variables)
    return found


def _filled(value: Any, variables: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, variables) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, variables) for inner in value]
    return VARIABLE.sub(lambda found: _value(found, variables), value) if isinstance(value, str) else value


def _value(found: re.Match[str], variables: dict[str, str]) -> str:
    name, kind, default = found.groups()
    return (variables.get(name) or default or "") if kind == "-" else variables[name]


@dataclass
class Process:
    """One of our containers' commands, as a process of this machine."""

    name: str
    process: Forked
    log: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def wait_ready(self) -> dict[str, Any]:
        """What `/readyz` says once it says yes."""
        deadline = time.monotonic() + READY_SECONDS
        said: Any = "nothing"
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"{self.name} ended:\n{self.output[-3000:]}"
            with suppress(httpx.HTTPError):
                answer = httpx.get(f"{self.url}/readyz", timeout=30)
                said = answer.json()
                if answer.status_code == 200:
                    return dict(said)
            time.sleep(0.05)
        raise AssertionError(f"{self.name} is not ready: {said}\n{self.output[-3000:]}")

    def stop(self) -> int:
        """SIGTERM, as a container is stopped; the exit code."""
        self.process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process.kill()
        return self.process.wait()


@dataclass
class Site:
    """The compose file's services of ours, on this machine: addresses and paths replaced, commands as written."""

    folder: Path
    services: dict[str, Service]
    replaced: dict[str, str]
    running: dict[str, Process] = field(default_factory=dict)

    def once(self, name: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a one-shot service to its end."""
        return forked.run(*self._command(name), env=self.environment(name) | more, folder=self.folder)

    def start(self, name: str) -> None:
        """Start a long-running service."""
        port, log = free_port(), self.folder / f"{name}.log"
        words = (*self._command(name), "--port", str(port))
        process = Forked(*words, env=self.environment(name), stdout=log, cwd=self.folder)
        self.running[name] = Process(name, process, log, port)

    def _command(self, name: str) -> list[str]:
        words = [self._replaced(word) for word in self.services[name]["command"]]
        return ["deploy.cli", *words]

    def environment(self, name: str) -> dict[str, str]:
        """The variables that a service is given."""
        own = {key: self._replaced(value) for key, value in self.services[name].get("environment", {}).items()}
        return {"PATH": os.environ["PATH"]} | own

    def _replaced(self, text: str) -> str:
        for old, new in self.replaced.items():
            text = text.replace(old, new)
        return text
