"""Whatever schemathesis sends to any route is answered without a 5xx, and refused with a problem document."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from shared.contracts.routes import SERVICES
from tests.e2e.conftest import Centre

EXAMPLES = os.environ.get("RINGBACK_FUZZ_EXAMPLES", "3")
ENDLESS = "stream_wallboard"
"""Answers as long as somebody listens."""
HOOKS = "tests.e2e.fuzz_checks"
ROOT = Path(__file__).parents[2]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("centre", ["terse"], indirect=True)
@pytest.mark.parametrize("service", SERVICES)
async def test_no_input_breaks_a_route(centre: Centre, service: str, tmp_path: Path) -> None:
    """Examples, coverage of boundaries, and random bodies, with a manager's token."""
    command = [sys.executable, "-W", "ignore", "-m", "schemathesis.cli", "run"]
    command += [f"{centre.origin}/{service}/v1/openapi.json", "--url", centre.origin]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--seed", "20261122"]
    command += ["--checks", "not_a_server_error,refusals_are_problems"]
    command += ["--header", f"Authorization: Bearer {centre.token('manager')}", "--no-color", "--warnings", "off"]
    command += ["--exclude-operation-id", ENDLESS]
    command += ["--suppress-health-check", "all", "--request-timeout", "20"]
    # few variables, since `requests` walks through all of them before every request
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "SCHEMATHESIS_HOOKS": HOOKS, "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode(errors="replace")[-6000:]
