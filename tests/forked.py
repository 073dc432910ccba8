"""Processes of the product that start at once: forked from one that has imported everything already.

Importing the product takes two seconds of processor time, and tests start it more than a hundred times. What a child
runs, its environment, folder, output, signals and exit code are those of `python -m MODULE WORDS`.
"""

from __future__ import annotations

import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.preloaded"])


class Forked:
    """`python -m module *words` in a child process; used as a `subprocess.Popen`. What it says goes to files."""

    def __init__(
        self, module: str, *words: str, env: dict[str, str], stdout: Path, stderr: Path | None = None, cwd: Path = ROOT
    ) -> None:
        self.args = (module, *words)
        files = (os.devnull, str(stdout), str(stderr or stdout))
        self._process = _CONTEXT.Process(target=_run, args=(module, words, env, files, str(cwd)))
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    @property
    def returncode(self) -> int | None:
        """The exit code, -9 for SIGKILL, None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same, looked at now."""
        return self.returncode

    def wait(self, seconds: float | None = None) -> int:
        """Wait for its end; the exit code. `subprocess.TimeoutExpired` when it takes longer."""
        self._process.join(seconds)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.args, seconds or 0)
        return self.returncode

    def send_signal(self, how: signal.Signals) -> None:
        """Send it, unless the process has ended."""
        if self.returncode is None:
            os.kill(self.pid, how)

    def terminate(self) -> None:
        """SIGTERM."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)


def run(
    module: str, *words: str, env: dict[str, str], folder: Path, seconds: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, as `subprocess.run` with `capture_output=True, text=True`; `folder` takes what it says."""
    out, err = (folder / f"said-{name}" for name in ("out", "err"))
    for file in (out, err):
        file.write_bytes(b"")
    code = Forked(module, *words, env=env, stdout=out, stderr=err).wait(seconds)
    return subprocess.CompletedProcess((module, *words), code, out.read_text(), err.read_text())


def _run(module: str, words: tuple[str, ...], env: dict[str, str], files: tuple[str, ...], cwd: str) -> None:
    for number, file in enumerate(files):
        opened = os.open(file, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        os.dup2(opened, number)
        os.close(opened)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    sys.argv = [module, *words]
    sys.modules.pop(module, None)
    runpy.run_module(module, run_name="__main__", alter_sys=True)
