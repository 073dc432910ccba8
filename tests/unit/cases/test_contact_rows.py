"""Rows of batches: good ones told, bad ones with every fault, neither spoiling the other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.cases.api.contact_rows import checked_rows, read_rows
from services.cases.api.plain_rows import plain_rows
from services.cases.domain.contact import Row
from shared.contracts.refusal import Refusal

GOOD = {"external_id": "1", "queued_at": "2026-03-02T09:00:00+08:00", "agent": "A001"}


async def faults(row: Any) -> list[tuple[str, str]]:
    [read] = await read_rows(json.dumps([row]).encode())
    return [(fault.field, fault.code) for fault in read.faults]


async def test_an_array_and_lines_read_alike() -> None:
    rows = [GOOD, GOOD | {"external_id": "2"}]
    lines = b"\n".join(json.dumps(row).encode() for row in rows)
    assert await read_rows(json.dumps(rows).encode()) == await read_rows(lines)


async def test_times_are_read_as_instants_in_utc() -> None:
    [row] = await read_rows(json.dumps([GOOD]).encode())
    assert row.told is not None
    assert row.told.queued_at.isoformat() == "2026-03-02T01:00:00+00:00"


async def test_an_agent_is_named_by_staff_no_too() -> None:
    [row] = await read_rows(json.dumps([{"queued_at": GOOD["queued_at"], "staff_no": "A001"}]).encode())
    assert row.told is not None
    assert row.told.agent == "A001"


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"queued_at": None}, ("queued_at", "not-an-instant")),
        ({"queued_at": "2026-03-02T09:00:00"}, ("queued_at", "offset-missing")),
        ({"queued_at": "1970-03-02T09:00:00Z"}, ("queued_at", "too-small")),
        ({"rating": 6}, ("rating", "too-large")),
        ({"rating": 4.5}, ("rating", "not-a-whole-number")),
        ({"wait_seconds": -1}, ("wait_seconds", "too-small")),
        ({"wait_seconds": 1e300}, ("wait_seconds", "too-large")),
        ({"direction": "sideways"}, ("direction", "not-one-of")),
        ({"customer_id": "x"}, ("customer_id", "not-an-id")),
        ({"zone": "Mars/Olympus"}, ("zone", "zone-unknown")),
        ({"zone": "../etc/passwd"}, ("zone", "zone-unknown")),
        ({"topic": "a\x00b"}, ("topic", "text-unstorable")),
        ({"topic": "x" * 201}, ("topic", "text-too-long")),
        ({"mood": "bad"}, ("mood", "unknown-field")),
    ],
)
async def test_a_fault_is_named_by_field_and_code(change: dict[str, Any], fault: tuple[str, str]) -> None:
    assert await faults(GOOD | change) == [fault]


@pytest.mark.parametrize("row", [1, "x", None, [], True])
async def test_a_row_that_is_no_object_is_a_faulty_row(row: Any) -> None:
    assert [code for _, code in await faults(row)] == ["not-an-object"]


async def test_a_bad_row_leaves_its_neighbours_alone() -> None:
    rows = [GOOD | {"external_id": str(n), "rating": 9 if n == 700 else 3} for n in range(1, 1201)]
    read = await read_rows(json.dumps(rows).encode())
    assert [row.number for row in read] == list(range(1, 1201))
    assert [row.number for row in read if row.told is None] == [700]
    assert read[699] == Row(700, None, read[699].faults)


@pytest.mark.parametrize("body", [b"", b"[", b"{]", b'[{"a":NaN}]', b"\xff\xfe", b'{"a":1}\nnope', b"[" * 100_000])
async def test_what_is_no_json_is_refused_whole(body: bytes) -> None:
    with pytest.raises(Refusal, match="malformed-json"):
        await read_rows(body)


PLAIN = {"queued_at": "2026-03-02T09:00:00+08:00", "external_id": "c1", "agent": "A001", "rating": 5}


@pytest.mark.parametrize(
    ("told", "plainly"),
    [
        ({}, True),
        ({"rating": "5"}, False),
        ({"topic": " billing "}, False),
        ({"topic": "账单"}, True),
        ({"topic": 'the "bill"'}, False),
        ({"zone": "Asia/Urumqi"}, False),
        ({"queued_at": 1772413200}, False),
    ],
)
async def test_what_is_told_plainly_is_read_like_everything_else(told: dict[str, object], plainly: bool) -> None:
    row = PLAIN | told
    line = json.dumps(row, ensure_ascii=False).encode()
    assert (plain_rows(1, [line]) is not None) == plainly
    [read] = await read_rows(line)
    [checked] = await checked_rows([(1, json.loads(line), ())])
    assert read == checked
    assert read.told is not None


@pytest.mark.parametrize("line", [b"{},{}", b"", b"null", b"[{}]", b'{"queued_at": "1999-01-01T00:00:00Z"}', b"{"])
def test_what_is_not_told_plainly_is_left_to_others(line: bytes) -> None:
    assert plain_rows(1, [line]) is None


async def test_an_agent_is_named_in_one_way_only() -> None:
    both = json.dumps({**PLAIN, "staff_no": "A002"}).encode()
    assert plain_rows(1, [both]) is None
    assert await faults(json.loads(both)) == [("staff_no", "unknown-field")]
    [read] = await read_rows(b'{"queued_at": "2026-03-02T01:00:00Z", "staff_no": "A002"}')
    assert read.told is not None
    assert read.told.agent == "A002"
