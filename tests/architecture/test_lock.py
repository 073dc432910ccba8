"""The lock files: everything that pyproject asks for, pinned and hashed, from no index in particular."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-runtime.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def pins(lock: str) -> dict[str, str]:
    """Package → version, by the lines that begin a requirement."""
    lines = (ROOT / lock).read_text().splitlines()
    found = [re.match(r"([a-z0-9._-]+)==([^ ;\\]+)", line) for line in lines if line and line[0] not in " #"]
    assert all(found), "a requirement without an exact version"
    return {match[1]: match[2] for match in found if match}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[<>=!~ ;]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_host_or_path(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"://|--(extra-)?index|--find-links|(^| )[./]", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_its_hashes(lock: str) -> None:
    for block in re.split(r"\n(?=[a-z0-9])", (ROOT / lock).read_text().strip()):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), block.splitlines()[0]


def test_what_the_project_asks_for_is_locked() -> None:
    runtime, everything = names(PROJECT["dependencies"]), names(PROJECT["optional-dependencies"]["dev"])
    assert runtime <= pins("requirements-runtime.lock").keys()
    assert runtime | everything <= pins("requirements.lock").keys()


def test_production_runs_the_versions_that_were_tested() -> None:
    assert pins("requirements-runtime.lock").items() <= pins("requirements.lock").items()


def test_production_carries_no_test_tools() -> None:
    tools = {"hypothesis", "import-linter", "mypy", "pytest", "ruff", "schemathesis", "setuptools"}
    assert not tools & pins("requirements-runtime.lock").keys()
