"""A private RabbitMQ node: Debian's package run with its own node name, ports, cookie and data folder.

Used by the tests and the benchmarks; the system's own node, its data and its epmd are never touched.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from deploy.ports import free_port

PACKAGED = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
POLICY = Path("/usr/sbin/policy-rc.d")
DENY_SERVICES = "#!/bin/sh\nexit 101\n"
START_SECONDS = 60

CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
collect_statistics_interval = 1000
raft.wal_max_size_bytes = 33554432
disk_free_limit.absolute = 50MB
log.file.level = warning
"""


class PrivateRabbit:
    """One node in one folder, on loopback, with the management plugin; user and password are `guest`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.port = free_port()
        self.management_port = free_port()
        self._epmd_port = free_port()
        self._distribution_port = free_port()
        self._server = _server_script()
        self._epmd: subprocess.Popen[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def amqp_url(self) -> str:
        """Where to connect."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    @property
    def management_url(self) -> str:
        """The management API, with its user."""
        return f"http://guest:guest@127.0.0.1:{self.management_port}"

    def start(self) -> str:
        """Start the node (again) and wait until it serves; the AMQP URL."""
        self._lay_out()
        if self._epmd is None:
            epmd = [_program("epmd"), "-port", str(self._epmd_port), "-address", "127.0.0.1"]
            self._epmd = self._run(epmd)
        self._process = self._run([str(self._server)])
        self._wait()
        return self.amqp_url

    def stop(self) -> None:
        """End the node in order, and what it needed."""
        self._end(signal.SIGTERM)
        if self._epmd:
            self._epmd.kill()
            self._epmd.wait()
            self._epmd = None

    def kill(self) -> None:
        """End the node as a crash would. `start` brings it back with its data."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """Stop the node in its tracks: connections stay open and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen node go on."""
        self._signal(signal.SIGCONT)

    def control(self, *words: str) -> None:
        """Tell the node something with rabbitmqctl."""
        command = [str(PACKAGED.with_name("rabbitmqctl")), *words]
        subprocess.run(command, env=self._environment(), check=True, capture_output=True, timeout=60)

    def _lay_out(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        config = CONFIG.format(amqp=self.port, management=self.management_port)
        (self.folder / "rabbitmq.conf").write_text(config)
        (self.folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        (self.folder / "rabbitmq-env.conf").write_text("")

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))}
        return inherited | {
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"ringback-{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution_port),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +stbt u -kernel inet_dist_use_interface {127,0,0,1}",
        }

    def _run(self, command: list[str]) -> subprocess.Popen[bytes]:
        """A process group of its own, so that signals reach the Erlang machine behind its shell script."""
        with (self.folder / "server.log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment(),
                cwd=self.folder,
                start_new_session=True,
            )

    def _signal(self, how: signal.Signals) -> None:
        if self._process:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, how)

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._signal(how)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(30)
        self._signal(signal.SIGKILL)
        self._process.wait(10)
        self._process = None

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._serves():
            if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                tail = (self.folder / "server.log").read_text(errors="replace")[-2000:]
                raise RuntimeError(f"RabbitMQ did not start in {self.folder}:\n{tail}")
            time.sleep(0.1)

    def _serves(self) -> bool:
        with suppress(httpx.HTTPError):
            check = httpx.get(f"{self.management_url}/api/health/checks/port-listener/{self.port}", timeout=5)
            return check.status_code == httpx.codes.OK
        return False


def _server_script() -> Path:
    """The start script below Debian's wrapper (which insists on its own user and folders); installed when possible."""
    with _alone():
        if not _installed():
            _install()
    if PACKAGED.exists():
        return PACKAGED
    return Path(_program("rabbitmq-server"))


def _installed() -> bool:
    return PACKAGED.exists() or shutil.which("rabbitmq-server") is not None


@contextmanager
def _alone() -> Iterator[None]:
    """One process at a time, so that nobody starts a package that another is still unpacking."""
    with (Path(tempfile.gettempdir()) / f"ringback-rabbitmq-install-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install() -> None:
    """Install Debian's package without letting it start the system's node."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise RuntimeError(
            "no RabbitMQ found: install it (`sudo apt-get install rabbitmq-server`), "
            "or set AMQP_URL and RABBITMQ_MANAGEMENT_URL to a broker that the tests may use"
        )
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text(DENY_SERVICES)
        POLICY.chmod(0o755)
    try:
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet)
        subprocess.run(
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "rabbitmq-server"], check=True, env=quiet
        )
        _keep_from_starting_at_boot()
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)


def _keep_from_starting_at_boot() -> None:
    """The package is wanted for its program, not for a node of the system's own."""
    if shutil.which("systemctl"):
        subprocess.run(["systemctl", "disable", "-q", "rabbitmq-server"], check=False, capture_output=True)


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"`{name}` is missing although RabbitMQ is installed; reinstall rabbitmq-server")
    return found
