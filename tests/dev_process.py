"""`ringback dev` as a child process, seen from outside: started, asked over HTTP, ended by a signal.

It is forked from a process that has imported the product already; `real=True` starts a new interpreter instead, as a
user does.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from tests.forked import ROOT, Forked

START_SECONDS = 60
SETTINGS = {"LOG_LEVEL": "INFO", "RATE_LIMIT_PER_MINUTE": "0"}


class DevProcess:
    """One process on one data folder. Its own server unless `environment` names a database."""

    def __init__(
        self, data: Path, *options: str, environment: dict[str, str] | None = None, real: bool = False
    ) -> None:
        self.data = data
        self.log = data.with_name(f"{data.name}.log")
        self._options = options
        self._environment = environment or {}
        self._real = real
        self._process: Forked | subprocess.Popen[bytes] | None = None
        self.url = ""

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        inherited = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "AMQP_URL")}
        environment = inherited | {"PYTHONPATH": str(ROOT)} | SETTINGS | self._environment
        words = ["deploy.cli", "dev", "--port", "0", "--data", str(self.data), *self._options]
        if self._real:
            with self.log.open("ab") as log:
                self._process = subprocess.Popen(
                    [sys.executable, "-m", *words], stdout=log, stderr=log, cwd=self.data.parent, env=environment
                )
        else:
            self._process = Forked(*words, stdout=self.log, cwd=self.data.parent, env=environment)
        self.url = json.loads(self._said_ready())["url"]

    def stop(self, how: signal.Signals = signal.SIGTERM, seconds: float = 30) -> int:
        """End it; its exit code."""
        assert self._process is not None
        self._process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        self._process.kill()
        return self._process.wait()

    @property
    def running(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._process is not None
        return self._process.pid

    @property
    def output(self) -> str:
        """What it printed so far."""
        return self.log.read_text(errors="replace")

    def _said_ready(self) -> str:
        assert self._process is not None
        deadline = time.monotonic() + START_SECONDS
        ready = self.data / "ready.json"
        while not (ready.exists() and json.loads(ready.read_text())["pid"] == self._process.pid):
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise AssertionError(f"ringback dev did not get ready:\n{self.output[-4000:]}")
            time.sleep(0.05)
        return ready.read_text()
