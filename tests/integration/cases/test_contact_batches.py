"""Many contacts at once: answered row by row, idempotent, never half applied."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from shared.platform.work import Database
from tests.conftest import Api
from tests.integration.cases.conftest import QUEUED, Recorded

URL = "/cases/v1/contacts:batch"


def row(number: int, **fields: Any) -> dict[str, Any]:
    return {"external_id": f"x{number}", "queued_at": QUEUED, **fields}


async def send(client: httpx.AsyncClient, rows: list[Any], **headers: str) -> dict[str, Any]:
    answer = await client.post(URL, content=json.dumps(rows), headers=headers)
    assert answer.status_code == 200, answer.text
    report: dict[str, Any] = answer.json()
    return report


def counts(report: dict[str, Any]) -> tuple[int, int, int, int]:
    return report["created"], report["updated"], report["unchanged"], report["failed"]


async def test_a_batch_is_recorded_and_published_by_five_hundreds(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    report = await send(integration, [row(number) for number in range(1200)])
    assert counts(report) == (1200, 0, 0, 0)
    assert [one["row"] for one in report["rows"]] == list(range(1, 1201))
    facts = await recorded()
    assert {str(fact.contact_id) for fact in facts} == {one["contact_id"] for one in report["rows"]}


async def test_events_of_a_batch_are_stored_as_they_are_and_not_pressed_together(
    integration: httpx.AsyncClient, database: Database
) -> None:
    await send(integration, [row(number) for number in range(600)])
    outbox = database.kernel.outbox
    async with database.reading() as conn:
        bodies = await conn.execute(select(func.length(outbox.c.body), func.pg_column_compression(outbox.c.body)))
        stored = bodies.all()
    assert len(stored) == 2
    assert all(length > 8000 and pressed is None for length, pressed in stored)


async def test_the_same_batch_again_changes_nothing(integration: httpx.AsyncClient, recorded: Recorded) -> None:
    rows = [row(number) for number in range(600)]
    first = await send(integration, rows)
    again = await send(integration, rows)
    assert counts(again) == (0, 0, 600, 0)
    assert [one["contact_id"] for one in again["rows"]] == [one["contact_id"] for one in first["rows"]]
    assert len(await recorded()) == 600


async def test_only_changed_rows_are_corrections(integration: httpx.AsyncClient, recorded: Recorded) -> None:
    await send(integration, [row(1), row(2), row(3)])
    report = await send(integration, [row(1), row(2, rating=5), row(4)])
    assert [one["outcome"] for one in report["rows"]] == ["unchanged", "updated", "created"]
    assert sorted((fact.version, fact.rating) for fact in (await recorded())[3:]) == [(1, None), (2, 5)]


async def test_told_twice_in_one_batch_the_later_row_corrects_the_earlier(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    report = await send(integration, [row(1, rating=1), row(2), row(1, rating=2), row(1, rating=2)])
    assert [one["outcome"] for one in report["rows"]] == ["created", "created", "updated", "unchanged"]
    assert [fact.rating for fact in await recorded() if fact.rating] == [1, 2]


async def test_rows_without_an_id_of_their_own_are_always_new(integration: httpx.AsyncClient) -> None:
    assert counts(await send(integration, [{"queued_at": QUEUED}, {"queued_at": QUEUED}])) == (2, 0, 0, 0)


async def test_bad_rows_are_named_and_the_others_recorded(
    api: Api, integration: httpx.AsyncClient, customer: dict[str, Any], recorded: Recorded
) -> None:
    rows = [
        row(1, customer_external_id="CRM-1"),
        row(2, rating=9, mood="bad"),
        row(3, customer_external_id="nobody"),
        "no row",
        row(5, answered=True),
        row(6, customer_id=customer["customer_id"], customer_external_id="CRM-1"),
    ]
    report = await send(api.as_("integration", language="en"), rows)
    assert counts(report) == (1, 0, 0, 5)
    assert [[(one["field"], one["code"]) for one in read["errors"]] for read in report["rows"]] == [
        [],
        [("rating", "too-large"), ("mood", "unknown-field")],
        [("customer_external_id", "customer-unknown")],
        [("row", "not-an-object")],
        [("answered_at", "contact-wait-unknown")],
        [("customer_external_id", "customer-named-twice")],
    ]
    assert report["rows"][1]["errors"][0]["message"] == "Has to be at most 5."
    assert [str(fact.customer_id) for fact in await recorded()] == [customer["customer_id"]]
    again = await send(integration, rows[:3:2])
    assert [(one["outcome"], [error["code"] for error in one["errors"]]) for one in again["rows"]] == [
        ("unchanged", []),
        ("error", ["customer-unknown"]),
    ]


async def test_lines_are_as_good_as_an_array(integration: httpx.AsyncClient) -> None:
    lines = "\n".join(json.dumps(row(number)) for number in range(3))
    answer = await integration.post(URL, content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert counts(answer.json()) == (3, 0, 0, 0)


@pytest.mark.parametrize("body", ["", "{", "[1,", '{"queued_at": NaN}'])
async def test_what_is_no_json_is_refused_whole(integration: httpx.AsyncClient, body: str) -> None:
    answer = await integration.post(URL, content=body)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed-json")


async def test_two_batches_at_once_over_the_same_contacts_do_not_block_each_other(
    integration: httpx.AsyncClient, recorded: Recorded
) -> None:
    rows = [row(number) for number in range(1500)]
    reports = await asyncio.gather(send(integration, rows), send(integration, rows[::-1]))
    assert sorted(counts(report)[0] for report in reports) in ([0, 1500], [500, 1000])
    assert sum(report["created"] for report in reports) == 1500
    assert len(await recorded()) == 1500


async def test_the_same_key_again_gives_the_same_answer(integration: httpx.AsyncClient, recorded: Recorded) -> None:
    first = await send(integration, [row(1)], **{"Idempotency-Key": "k"})
    assert await send(integration, [row(1)], **{"Idempotency-Key": "k"}) == first
    assert len(await recorded()) == 1


async def test_batches_are_for_systems_and_supervisors(api: Api) -> None:
    answer = await api.as_("agent", staff_no="A001").post(URL, json=[])
    assert (answer.status_code, answer.json()["code"]) == (403, "scope-missing")
    assert counts(await send(api.as_("supervisor"), [])) == (0, 0, 0, 0)
