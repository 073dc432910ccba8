"""The `ringback` command on a machine whose clock is ahead: `python -m tests.faults.fleet.ahead HOURS serve roster`."""

from __future__ import annotations

import sys
import time

import time_machine

from deploy.cli import app

if __name__ == "__main__":
    time_machine.travel(time.time() + float(sys.argv.pop(1)) * 3600, tick=True).start()
    app()
