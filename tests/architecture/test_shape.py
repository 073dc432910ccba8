"""What no import linter sees: pure layers, listed codes, sizes."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.contracts.errors import PROBLEMS
from shared.contracts.nouns import NOUNS
from shared.contracts.routes import SERVICES

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 350
LONGEST_FUNCTION = 50
HAN = re.compile("[\u4e00-\u9fff]")
VAGUE = {"utils", "util", "helpers", "helper", "manager", "base", "misc", "common"}
SOURCES = sorted(path for package in ("services", "shared", "deploy") for path in (ROOT / package).rglob("*.py"))


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: imports are absolute"
            yield node.module or ""


@pytest.mark.parametrize("service", SERVICES)
def test_a_domain_imports_the_standard_library_contracts_and_itself(service: str) -> None:
    allowed = ("shared.contracts", f"services.{service}.domain")
    for path in (ROOT / "services" / service / "domain").rglob("*.py"):
        for name in imported(path):
            assert name.split(".")[0] in sys.stdlib_module_names or name.startswith(allowed), f"{path}: {name}"


def test_contracts_import_the_standard_library_and_themselves() -> None:
    for path in (ROOT / "shared/contracts").rglob("*.py"):
        for name in imported(path):
            assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("shared.contracts"), path


def test_a_domain_asks_nobody_the_time_and_makes_no_ids() -> None:
    forbidden = {"now", "utcnow", "today", "uuid4", "uuid1", "new_id", "open", "getenv"}
    for path in (ROOT / "services").glob("*/domain/**/*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert called not in forbidden, f"{path}:{node.lineno}: {called}() belongs to the caller"


def codes(path: Path) -> Iterator[tuple[int, str]]:
    """The codes written out in `Refusal("…")` and `Fault("…", "…")`."""
    places = {"Refusal": 0, "Fault": 1}
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in places:
            place = places[node.func.id]
            if len(node.args) > place and isinstance(node.args[place], ast.Constant):
                yield node.lineno, str(node.args[place].value)


def test_every_code_that_is_raised_is_listed_with_its_sentences() -> None:
    raised = [(path, line, code) for path in SOURCES for line, code in codes(path)]
    assert len(raised) > 20
    assert [f"{path}:{line}: {code}" for path, line, code in raised if code not in PROBLEMS] == []


def test_every_noun_of_what_is_not_found_is_listed_in_chinese() -> None:
    nouns = {
        keyword.value.value
        for path in SOURCES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal"
        for keyword in node.keywords
        if keyword.arg == "noun" and isinstance(keyword.value, ast.Constant)
    }
    assert len(nouns) > 20
    assert nouns <= NOUNS.keys()
    assert [noun for noun, zh in NOUNS.items() if HAN.search(noun) or not HAN.search(zh)] == []


@pytest.mark.parametrize("code", sorted(PROBLEMS))
def test_a_code_is_a_slug_with_a_client_status_and_both_languages(code: str) -> None:
    problem = PROBLEMS[code]
    assert code == code.lower().replace("_", "-").strip("-")
    assert 400 <= problem.status < 500 or code in {"unavailable", "internal-error"}
    assert HAN.search(problem.zh)
    assert not HAN.search(problem.en)
    assert not re.search(r"[\u4e00-\u9fff][,;?!(]", problem.zh), "Chinese punctuation is full-width"
    assert problem.zh.endswith("。")
    assert problem.en.endswith(".")


def test_no_code_is_listed_twice() -> None:
    listed = []
    for path in (ROOT / "shared/contracts/errors").glob("*.py"):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.Dict):
                listed += [key.value for key in node.keys if isinstance(key, ast.Constant)]
    assert len(listed) == len(set(listed)) == len(PROBLEMS)


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_says_what_it_owns_publishes_and_consumes(service: str) -> None:
    said = (ast.get_docstring(tree_of(ROOT / f"services/{service}/__init__.py")) or "").lower()
    for word in ("owns", "publishes", "consumes"):
        assert word in said


def test_files_and_functions_stay_small() -> None:
    long = []
    for path in SOURCES:
        if "migrations" in str(path):  # a step is written once and never changed
            continue
        lines = path.read_text().count("\n")
        long += [f"{path}: {lines} lines"] if lines > LONGEST_FILE else []
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or 0) - node.lineno + 1
                long += [f"{path}:{node.lineno} {node.name}: {length} lines"] if length > LONGEST_FUNCTION else []
    assert long == []


def test_names_say_something() -> None:
    named = [path for path in SOURCES if path.stem in VAGUE and path != ROOT / "shared/contracts/errors/common.py"]
    assert named == []


def test_every_module_and_public_function_has_a_docstring() -> None:
    silent = []
    for path in SOURCES:
        tree = tree_of(path)
        silent += [] if ast.get_docstring(tree) or not tree.body else [str(path)]
        if "migrations" in path.parts:
            continue
        for node in tree.body:
            public = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
            if public and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path}:{node.lineno} {node.name}")
    assert silent == []
