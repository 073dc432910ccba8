"""Every rule of the house is broken once on purpose, in a scratch copy: the linter has to say so, and say which."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT = (
    "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, is_debug_mode=False))"
)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages and the rules, without anything else."""
    place = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("__pycache__", "schemas", "examples", "migrations")
    for package in ("services", "shared", "deploy"):
        shutil.copytree(ROOT / package, place / package, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", place)
    return place


@pytest.fixture
def violated(copy: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The copy with one more line in one file, taken back afterwards."""
    path, line = copy / request.param[0], request.param[1]
    before = path.read_text() if path.exists() else None
    head = before or '"New."'
    path.write_text(f"{head}\n{line}\n")
    yield copy
    if before is None:
        path.unlink()
    else:
        path.write_text(before)


def broken_rules(place: Path) -> set[str]:
    """The names of the rules that the linter finds broken."""
    environment = os.environ | {"PYTHONPATH": str(place), "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LINT],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    verdicts = [line for line in done.stdout.splitlines() if line.endswith(("KEPT", "BROKEN"))]
    assert len(verdicts) >= 8, done.stdout + done.stderr
    assert (done.returncode == 0) == all(line.endswith("KEPT") for line in verdicts)
    return {line.removesuffix("BROKEN").strip() for line in verdicts if line.endswith("BROKEN")}


APART = "Services never import each other"
DOWNWARD = "deploy > services > shared.platform > shared.contracts"
ANATOMY = (
    "Inside a service: app, worker > api, consumers > commands, queries > store > tables > domain, and nothing else"
)
NOTIFY = "Inside notify: the same, and what takes messages to people: courier, postman, phone pages, channels, links"
DOMAIN = "Domains use the standard library and shared.contracts only"
CONTRACTS = "Contracts use the standard library only"
TABLES = "Tables are used by store, queries and migrations only"
STORE = "The store is used by commands only"

VIOLATIONS = {
    "a service imports another": ("services/kpi/worker.py", "import services.roster.domain", APART),
    "a command imports another service's event handler": (
        "services/cases/worker.py",
        "from services.notify import consumers as x",
        APART,
    ),
    "the platform knows a service": ("shared/platform/wake.py", "import services.roster.domain", DOWNWARD),
    "a contract knows the platform": ("shared/contracts/kpi.py", "import shared.platform.clock", DOWNWARD),
    "a service knows how it is run": ("services/kpi/worker.py", "import deploy.ports", DOWNWARD),
    "an api reaches for the app": ("services/cases/consumers.py", "import services.cases.app", ANATOMY),
    "api and consumers mix": ("services/roster/consumers.py", "import services.roster.api", ANATOMY),
    "a domain looks up": ("services/kpi/domain/__init__.py", "import services.kpi.queries", ANATOMY),
    "tables look up": ("services/cases/tables/__init__.py", "import services.cases.commands", ANATOMY),
    "a drawer for everything": ("services/roster/helpers.py", "", ANATOMY),
    "a drawer for everything in notify": ("services/notify/utils.py", "", NOTIFY),
    "notify's store looks up": ("services/notify/store/__init__.py", "import services.notify.commands", NOTIFY),
    "a domain talks SQL": ("services/roster/domain/__init__.py", "import sqlalchemy", DOMAIN),
    "a domain talks HTTP": ("services/cases/domain/__init__.py", "import httpx", DOMAIN),
    "a domain knows the plumbing": ("services/kpi/domain/__init__.py", "import shared.platform.clock", DOMAIN),
    "a contract needs a library": ("shared/contracts/kpi.py", "import pydantic", CONTRACTS),
    "a route reads tables": ("services/roster/app.py", "import services.roster.tables", TABLES),
    "an event handler writes tables": ("services/kpi/consumers.py", "import services.kpi.tables", TABLES),
    "a query uses the store": ("services/cases/queries/__init__.py", "import services.cases.store", STORE),
    "an event handler skips the command": ("services/notify/consumers.py", "import services.notify.store", STORE),
}


def test_the_house_keeps_its_rules(copy: Path) -> None:
    assert broken_rules(copy) == set()


@pytest.mark.parametrize(
    ("violated", "rule"),
    [(violation[:2], violation[2]) for violation in VIOLATIONS.values()],
    ids=VIOLATIONS,
    indirect=["violated"],
)
def test_a_violation_is_found(violated: Path, rule: str) -> None:
    assert rule in broken_rules(violated)
