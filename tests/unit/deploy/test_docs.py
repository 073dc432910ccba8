"""The guide can be believed: it builds without a broken link, and what it tells people to type exists as it says."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
from jsonschema import Draft202012Validator

from deploy.cli import app
from services.notify.settings import NotifySettings
from shared.contracts.routes import SERVICES
from shared.platform.settings import Settings
from tests.bench import scaling

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
PAGES = [page for page in DOCS.rglob("*.md") if "adr" not in page.parts] + [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
]
PAGE_IDS = [str(page.relative_to(ROOT)) for page in PAGES]

CALL = re.compile(
    rf"\b(GET|POST|PUT|PATCH|DELETE) (/(?:{'|'.join(SERVICES)})/v1/[^\s`?\"'|，。；]*)(?:\?([\w=&:+-]*))?"
)
EXAMPLE = re.compile(r"^ *```http\n *(\w+) (\S+)\n\n(.+?)```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
FROM_ELSEWHERE = re.compile(r"<(?:script|link|img|iframe)\b[^>]*\b(?:src|href)=[\"']?(?:https?:)?//", re.IGNORECASE)
SIGNED = {
    ("GET", "/cases/v1/surveys/{token}"),
    ("POST", "/cases/v1/surveys/{token}"),
    ("POST", "/notify/v1/receipts/sms"),
}
"""Calls that are no part of the reference: a signature opens them, to customers and gateways only."""


def test_the_guide_builds_with_every_link_whole_and_nothing_from_elsewhere(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", tmp_path]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) > 40
    outside = {page.name: found for page in pages if (found := FROM_ELSEWHERE.findall(page.read_text()))}
    assert not outside


def test_every_page_of_the_guide_has_its_twin_in_the_other_language() -> None:
    for page in DOCS.rglob("*.zh.md"):
        name = page.name.removesuffix(".zh.md")
        assert any(page.with_name(twin).exists() for twin in (f"{name}.en.md", f"{name}.md")), page
    for page in DOCS.rglob("*.en.md"):
        assert page.with_name(page.name.replace(".en.md", ".zh.md")).exists(), page


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_command_named_on_a_page_exists_with_its_options(page: Path) -> None:
    for line in code_lines(page):
        for words in commands_in(line):
            assert not (trouble := trouble_with(words)), f"{line!r}: {trouble}"


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_make_target_named_on_a_page_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for line in code_lines(page):
        for target in re.findall(r"(?:^|[;&|] *)make ([a-z]+)", line.strip()):
            assert target in targets, line


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_call_named_on_a_page_is_in_the_reference(page: Path) -> None:
    for method, path, query in CALL.findall(page.read_text()):
        found = operation(method, path)
        assert found or (method, path) in SIGNED, f"{method} {path}"
        if found and query:
            wanted = {
                one["name"]: one["required"] for one in found[1].get("parameters", []) if one.get("in") == "query"
            }
            given = {pair.partition("=")[0] for pair in query.split("&")}
            assert given <= wanted.keys(), f"{method} {path} knows no {given - wanted.keys()}"
            assert {name for name, needed in wanted.items() if needed} <= given, f"{method} {path}?{query}"


@pytest.mark.parametrize("page", PAGES, ids=PAGE_IDS)
def test_every_body_shown_on_a_page_is_one_the_operation_takes(page: Path) -> None:
    for method, path, text in EXAMPLE.findall(page.read_text()):
        if (method, path) in SIGNED:
            continue
        found = operation(method, path.partition("?")[0])
        assert found, f"{method} {path}"
        document, described = found
        schema = described["requestBody"]["content"]["application/json"]["schema"]
        whole = {"components": document["components"], "allOf": [schema]}
        faults = [error.message for error in Draft202012Validator(whole).iter_errors(json.loads(text))]
        assert not faults, f"{method} {path}: {faults}"


def test_every_setting_is_told_on_the_page_of_settings() -> None:
    told = (DOCS / "settings.md").read_text()
    names = [name.upper() for name in Settings.model_fields]
    names += [f"NOTIFY_{name.upper()}" for name in NotifySettings.model_fields]
    shared = {
        "NOTIFY_PUBLIC_URL",
        "NOTIFY_LINK_KEY_FILE",
        "NOTIFY_JWT_ISSUER",
        "NOTIFY_SIGNING_KEYS",
        "NOTIFY_CASES_URL",
    }
    missing = [name for name in names if name not in shared and f"`{name}`" not in told]
    assert not missing


def test_the_page_of_scaling_says_what_was_measured() -> None:
    page, benchmarks = (DOCS / "scaling.md").read_text(), (DOCS / "benchmarks.md").read_text()
    assert scaling.rewritten(page, benchmarks) == page, "run `python -m tests.bench.scaling`"
    faster = re.sub(r"(\| single write: POST /contacts \|) [\d,]+", r"\1 1,000,000", benchmarks)
    assert "| 5,000 | 56 | 278 | under 1 % |" in scaling.rewritten(page, faster)


def operation(method: str, path: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """The document that has such a call, and the call; a path may have values where the document has names."""
    fitting = [what for way, paths, what in operations() if way == method and paths.fullmatch(path)]
    return fitting[0] if fitting else None


@cache
def operations() -> list[tuple[str, re.Pattern[str], tuple[dict[str, Any], dict[str, Any]]]]:
    """Every call there is: method, paths, and where it is described."""
    found = []
    for service in SERVICES:
        document = json.loads((DOCS / f"openapi/{service}.json").read_text())
        for path, methods in document["paths"].items():
            pattern = re.compile(re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)))
            found += [(method.upper(), pattern, (document, described)) for method, described in methods.items()]
    return found


def code_lines(page: Path) -> Iterator[str]:
    """What a page shows as code, line by line; a line that goes on is put together."""
    text = page.read_text()
    indented = "\n".join(line for line in text.splitlines() if line.startswith("    "))
    pieces = [block or inline for block, inline in CODE.findall(text)] + [indented]
    for piece in pieces:
        yield from piece.replace("\\\n", " ").splitlines()


def commands_in(line: str) -> Iterator[list[str]]:
    """The words behind each `ringback` on a line of shell."""
    for command in re.findall(r"(?:^|[;&|$(] *|-- )ringback ((?:[a-z]|--)[^;&|#)，；。]*)", line.strip()):
        yield shlex.split(command.replace("…", ""))


def trouble_with(words: list[str]) -> str:
    """What is wrong with a command line; nothing when the command and all its options exist."""
    command: Any = typer.main.get_command(app)
    rest = list(words)
    while (commands := getattr(command, "commands", {})) and rest and not rest[0].startswith("-"):
        if rest[0] not in commands:
            return f"there is no command {rest[0]}"
        command = commands[rest.pop(0)]
    options = {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    unknown = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in options | {"--help"}]
    return f"no such options: {unknown}" if unknown else ""
