"""The database's machine, or the way to it, vanishes without a word: nobody waits for hours, on either side."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from shared.platform.work import Database
from tests.dev_process import ROOT

SCRIPT = Path(__file__).with_name("cut_off.py")


@pytest.mark.parametrize("moment", ["before-the-question", "before-the-answer"])
def test_a_connection_that_leads_nowhere_is_given_up_on_both_sides(moment: str) -> None:
    apart = ["unshare", "--net", "--"]
    if subprocess.run([*apart, "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode:
        pytest.skip("a network of its own cannot be made here (`unshare --net` and `ip` as root)")
    with tempfile.TemporaryDirectory(prefix="ringback-cut-off-") as folder:
        command = [*apart, sys.executable, "-W", "ignore", str(SCRIPT), str(Path(folder) / "data"), moment]
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=environment)
    assert done.stdout.splitlines() == ["outage", "let go"], done.stdout + done.stderr


async def test_a_transaction_that_nobody_goes_on_with_is_ended_by_the_server(
    open_database: Callable[[str], Database],
) -> None:
    async with open_database("roster").reading() as conn:
        told = await conn.exec_driver_sql("SHOW idle_in_transaction_session_timeout")
        assert told.scalar_one() == "1min"
