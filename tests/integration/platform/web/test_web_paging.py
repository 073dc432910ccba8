"""Keyset pages: put together they are the whole, whatever is written meanwhile; a bad cursor is the caller's fault."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from shared.platform.ids import new_id
from shared.platform.work import Database
from tests.conftest import START, Api
from tests.integration.platform.web.conftest import NOTES as TABLE

NOTES = "/roster/v1/notes"
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def written(database: Database, minutes: list[int]) -> list[str]:
    """Notes written so many minutes after the start (several in the same one), ids in the order of the list."""
    rows = []
    for minute in minutes:
        note_id = new_id()
        at = START + timedelta(minutes=minute)
        rows.append({"note_id": note_id, "text": str(note_id), "version": 1, "written_at": at})
    async with database.work() as work:
        if rows:
            await work.conn.execute(insert(TABLE), rows)
    return [str(row["note_id"]) for row in sorted(rows, key=lambda row: (row["written_at"], row["note_id"].bytes))]


async def emptied(database: Database) -> None:
    async with database.work() as work:
        await work.conn.execute(delete(TABLE))


async def walk(client: httpx.AsyncClient, limit: int, between: Any = None) -> list[str]:
    found: list[str] = []
    after: str | None = None
    while True:
        params = {"limit": limit} | ({"after": after} if after else {})
        answer = (await client.get(NOTES, params=params)).json()
        assert len(answer["items"]) <= limit
        found += [item["note_id"] for item in answer["items"]]
        after = answer["next"]
        if after is None:
            return found
        if between:
            await between()


@SLOW
@given(minutes=st.lists(st.integers(0, 5), max_size=25), limit=st.integers(1, 7))
async def test_the_pages_put_together_are_the_whole_in_order(
    api: Api, database: Database, minutes: list[int], limit: int
) -> None:
    await emptied(database)
    expected = await written(database, minutes)
    assert await walk(api.as_("agent"), limit) == expected


@SLOW
@given(minutes=st.lists(st.integers(0, 5), min_size=1, max_size=15), limit=st.integers(1, 4), late=st.integers(-1, 6))
async def test_what_is_written_while_paging_neither_hides_nor_doubles_a_note(
    api: Api, database: Database, minutes: list[int], limit: int, late: int
) -> None:
    await emptied(database)
    expected = await written(database, minutes)
    budget = iter(range(10))

    async def write_more() -> None:
        if next(budget, None) is not None:
            await written(database, [late])

    found = await walk(api.as_("agent"), limit, write_more)
    assert len(found) == len(set(found))
    assert [note_id for note_id in found if note_id in set(expected)] == expected


def cursor(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


JUNK = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.uuids().map(str)


@SLOW
@given(after=st.text(min_size=1, max_size=60) | st.lists(JUNK, max_size=3).map(cursor) | JUNK.map(cursor))
async def test_a_cursor_that_is_not_ours_is_refused(api: Api, after: str) -> None:
    response = await api.as_("agent").get(NOTES, params={"after": after})
    assert (response.status_code, response.json()["code"]) == (422, "cursor-invalid")


@pytest.mark.parametrize(
    "values", [["0001-01-01T00:00:00+14:00", str(new_id())], ["9999-12-31T23:59:59-14:00", str(new_id())]]
)
async def test_a_cursor_from_the_ends_of_time_is_no_server_error(api: Api, values: list[str]) -> None:
    response = await api.as_("agent").get(NOTES, params={"after": cursor(values)})
    assert response.status_code in {200, 422}


@pytest.mark.parametrize("limit", ["0", "201", "many", "-1", "99999999999999999999"])
async def test_a_page_has_1_to_200_items(api: Api, limit: str) -> None:
    response = await api.as_("agent").get(NOTES, params={"limit": limit})
    assert (response.status_code, response.json()["errors"][0]["field"]) == (422, "limit")
