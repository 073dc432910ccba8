"""The demo centre shows something true, and is entered only once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.demo.centre import PEOPLE, SILENT, TEAMS, UNASKED_YET
from tests import patient
from tests.dev_process import DevProcess


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, empty_database: str) -> Iterator[DevProcess]:
    """`ringback dev` as a newcomer starts it."""
    process = DevProcess(tmp_path_factory.mktemp("demo") / "data", environment={"DATABASE_URL": empty_database})
    process.start()
    yield process
    if process.running:
        process.stop()


def token(data: Path, *words: str) -> str:
    told = CliRunner().invoke(app, ["token", "--data", str(data), *words])
    assert told.exit_code == 0, told.stderr
    return told.stdout.strip()


def seen(demo: DevProcess, path: str, *words: str) -> Any:
    headers = {"Authorization": f"Bearer {token(demo.data, *(words or ('--role', 'manager')))}"}
    return patient.get(demo.url + path, headers=headers).raise_for_status().json()


def open_changes(demo: DevProcess) -> list[str]:
    changes = seen(demo, "/roster/v1/shift-changes?limit=200")["items"]
    return sorted(change["staff_no"] for change in changes if change["state"] in ("pending", "notified", "opened"))


def counts(demo: DevProcess) -> dict[str, int]:
    paths = (
        "/roster/v1/teams",
        "/roster/v1/agents",
        "/roster/v1/rosters",
        "/roster/v1/shift-changes",
        "/cases/v1/topics",
    )
    found = {path: len(seen(demo, f"{path}?limit=200")["items"]) for path in (*paths, "/notify/v1/messages")}
    return found | {"contacts": seen(demo, "/kpi/v1/metrics/answer_rate")["points"][0]["denominator"]}


def test_a_change_is_under_way_and_the_numbers_can_be_opened(demo: DevProcess) -> None:
    assert {team["code"] for team in seen(demo, "/roster/v1/teams")["items"]} == set(TEAMS)
    assert open_changes(demo) == sorted([SILENT, UNASKED_YET])
    asked = seen(demo, "/notify/v1/acknowledgements?state=open")["items"]
    assert sorted(question["staff_no"] for question in asked) == sorted([SILENT, UNASKED_YET])
    for metric in ("answer_rate", "asa", "csat", "change_ack_rate"):
        [point] = seen(demo, f"/kpi/v1/metrics/{metric}")["points"]
        assert point["value"] is not None, metric
    assert seen(demo, "/kpi/v1/consistency")["consistent"]


def test_its_people_have_tokens_that_fit_them(demo: DevProcess) -> None:
    for person in PEOPLE:
        shifts = seen(demo, "/roster/v1/shift-changes", "--as", person.staff_no)["items"]
        own = {change["staff_no"] for change in shifts} <= {person.staff_no}
        assert own == (person.role == "agent"), person.staff_no


def test_starting_again_enters_nothing_twice(demo: DevProcess) -> None:
    before = counts(demo)
    assert demo.stop() == 0
    (demo.data / "people.json").unlink()  # as if the first round had been cut off before its end
    demo.start()
    assert counts(demo) == before
    assert (demo.data / "people.json").exists()
