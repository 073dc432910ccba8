"""Another desk's log becomes cases with their history, at the original times, without waking anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import select, text

from shared.contracts.cases import CaseClosed, CaseOpened, CaseReopened, CaseTransferred, SlaFulfilled
from shared.platform.codec import decode
from shared.platform.work import Database
from tests.integration.cases.handoff_floor import said

LOG = Path(__file__).parents[4] / "shared" / "data" / "incident-log.csv"
real_log = pytest.mark.skipif(not LOG.exists(), reason="the real incident log is not there")
HEADER = "number,state,updated,opened,group,who,moved,reopened"
MAPPING = """{
  "columns": {"number": "number", "state": "state", "updated": "updated_at", "opened": "opened_at",
              "group": "group", "who": "assignee", "moved": "reassignments", "reopened": "reopenings"},
  "states": {"New": "open", "Active": "in_progress", "Vendor": "handoff", "Customer": "waiting_customer",
             "Resolved": "resolved", "Closed": "closed"},
  "dates": "day-first"
}"""


async def imported(
    client: httpx.AsyncClient, data: bytes, *, mapping: str = MAPPING, status: int = 200, dry_run: bool = False
) -> Any:
    """Import a log."""
    answer = await client.post(
        "/cases/v1/cases:import",
        params={"dry_run": dry_run},
        files={"file": ("log.csv", data)},
        data={"mapping": mapping, "timezone": "Europe/London"},
    )
    return said(answer, status)


def rows(*lines: str) -> bytes:
    return "\n".join((HEADER, *lines)).encode()


async def count(database: Database, what: str) -> int:
    async with database.reading() as conn:
        return int((await conn.execute(text(f"SELECT count(*) FROM cases.{what}"))).scalar_one())


async def events(database: Database, *wanted: type) -> list[Any]:
    outbox = database.kernel.outbox
    async with database.reading() as conn:
        found = [decode(body).data for (body,) in await conn.execute(select(outbox.c.body).order_by(outbox.c.position))]
    return [event for event in found if isinstance(event, wanted)]


@real_log
async def test_the_incident_log_gives_the_counts_that_are_known_of_it(
    supervisor: httpx.AsyncClient, database: Database
) -> None:
    report = await imported(supervisor, LOG.read_bytes(), mapping="incident-log")
    assert {name: report[name] for name in ("rows", "created", "unchanged", "closed", "reassignments", "reopened")} == {
        "rows": 5998,
        "created": 890,
        "unchanged": 0,
        "closed": 890,
        "reassignments": 877,
        "reopened": 10,
    }
    assert report["made_sla"] == {"met": 495, "missed": 395}
    assert await count(database, "cases WHERE historic AND state = 'closed'") == 890
    assert len(await events(database, CaseTransferred)) == 877
    assert len({event.case_id for event in await events(database, CaseReopened)}) == 10
    met = [event.met for event in await events(database, SlaFulfilled)]
    assert (met.count(True), met.count(False)) == (495, 395)
    assert len(await events(database, CaseOpened)) == len(await events(database, CaseClosed)) == 890
    assert await count(database, "timers") == 0, "nothing of it will fall due"
    assert await count(database, "sla_clocks") == 0

    before = await count(database, "entries"), await count(database, "outbox")
    again = await imported(supervisor, LOG.read_bytes(), mapping="incident-log")
    assert (again["created"], again["unchanged"]) == (0, 890)
    assert (await count(database, "entries"), await count(database, "outbox")) == before


@real_log
async def test_a_case_of_the_log_tells_its_story_at_the_original_times(
    supervisor: httpx.AsyncClient, integration: httpx.AsyncClient
) -> None:
    await imported(supervisor, LOG.read_bytes(), mapping="incident-log")
    [case] = said(await integration.get("/cases/v1/cases?number=INC0000102"))["items"]
    whole = said(await integration.get(f"/cases/v1/cases/{case['case_id']}"))
    assert whole["closed_at"] == "2016-03-24T18:59:00Z", "the day comes first, and London is on UTC in March"
    assert (whole["state"], whole["historic"], whole["transfer_count"], whole["reopen_count"]) == ("closed", True, 4, 1)
    hops = said(await integration.get(f"/cases/v1/cases/{case['case_id']}/hops"))
    assert sum(one["seconds"] for one in hops["stretches"]) == hops["age_seconds"]


async def test_a_dry_run_reports_the_same_and_writes_nothing(supervisor: httpx.AsyncClient, database: Database) -> None:
    log = rows(
        "T1,New,01-03-2016 09:00,01-03-2016 09:00,甲,,0,0", "T1,Closed,02-03-2016 09:00,01-03-2016 09:00,甲,,0,0"
    )
    report = await imported(supervisor, log, dry_run=True)
    assert (report["created"], report["closed"], report["dry_run"]) == (1, 1, True)
    assert await count(database, "cases") == 0
    assert await count(database, "outbox") == 0


async def test_gbk_is_read_and_what_cannot_be_placed_is_said_row_by_row(
    supervisor: httpx.AsyncClient, integration: httpx.AsyncClient
) -> None:
    log = rows(
        "T1,New,01-03-2016 09:00,01-03-2016 09:00,物流部,,0,0",
        "T1,Nonsense,01-03-2016 10:00,01-03-2016 09:00,物流部,,0,0",
        "T1,Active,31-02-2016 10:00,01-03-2016 09:00,物流部,,0,0",
        "T1,Resolved,01-03-2016 08:00,01-03-2016 09:00,物流部,,0,0",
        ",Active,01-03-2016 10:00,01-03-2016 09:00,物流部,,0,0",
        "T1,Closed,03-03-2016 10:00,01-03-2016 09:00,物流部,,x,0",
        "T2,Active,03-03-2016 10:00,,物流部,,0,0",
    )
    report = await imported(supervisor, log.decode().encode("gbk"))
    assert [(error["row"], error["column"], error["code"]) for error in report["errors"]] == [
        (3, "state", "history-state-unknown"),
        (4, "updated", "history-time-unreadable"),
        (5, "updated_at", "history-before-opening"),
        (6, "number", "field-required"),
        (7, "moved", "not-a-whole-number"),
        (8, "opened_at", "history-opening-unknown"),
    ]
    assert all(error["message"] for error in report["errors"])
    assert (report["created"], report["closed"]) == (1, 0)
    [case] = said(await integration.get("/cases/v1/cases?number=T1"))["items"]
    assert (case["team_name"], case["state"]) == ("物流部", "open")


async def test_waits_reassignments_handoffs_and_a_reopening_are_derived(
    supervisor: httpx.AsyncClient, integration: httpx.AsyncClient
) -> None:
    log = rows(
        "T1,New,01-03-2016 09:00,01-03-2016 09:00,甲,老王,0,0",
        "T1,Active,01-03-2016 10:00,01-03-2016 09:00,乙,小李,1,0",
        "T1,Vendor,01-03-2016 11:00,01-03-2016 09:00,乙,小李,1,0",
        "T1,Active,02-03-2016 11:00,01-03-2016 09:00,乙,小李,1,0",
        "T1,Customer,02-03-2016 12:00,01-03-2016 09:00,乙,小李,1,0",
        "T1,Resolved,03-03-2016 12:00,01-03-2016 09:00,乙,小李,1,0",
        "T1,Active,04-03-2016 12:00,01-03-2016 09:00,乙,小李,1,1",
        "T1,Resolved,04-03-2016 13:00,01-03-2016 09:00,乙,小李,1,1",
        "T1,Closed,05-03-2016 13:00,01-03-2016 09:00,乙,小李,1,1",
    )
    report = await imported(supervisor, log)
    counts = ("created", "closed", "reassignments", "reopened", "waits", "handoffs", "resolutions")
    assert [report[name] for name in counts] == [1, 1, 1, 1, 2, 1, 2]
    [case] = said(await integration.get("/cases/v1/cases?number=T1"))["items"]
    hops = said(await integration.get(f"/cases/v1/cases/{case['case_id']}/hops"))
    hours = [(one["what"], one["seconds"] / 3600) for one in hops["stretches"]]
    assert hours == [
        ("own", 2),
        ("asked", 24),
        ("own", 1),
        ("waiting_customer", 24),
        ("resolved", 24),
        ("own", 1),
        ("resolved", 24),
    ]
    kinds = [
        entry["kind"] for entry in said(await integration.get(f"/cases/v1/cases/{case['case_id']}/timeline"))["items"]
    ]
    assert sorted(kinds) == sorted(
        [
            "opened",
            "transferred",
            "resumed",
            "waiting",
            "resumed",
            "waiting",
            "resolved",
            "reopened",
            "resolved",
            "closed",
        ]
    )


@pytest.mark.parametrize(
    ("data", "mapping", "code"),
    [
        (b"a,b\n1,2\n", MAPPING, "columns-unfit"),
        (b"", MAPPING, "columns-unfit"),
        (rows(), "no-such-mapping", "mapping-unknown"),
        (rows(), '{"columns": {"number": "nonsense"}, "states": {}}', "invalid-value"),
        (b"PK\x03\x04 not a workbook", MAPPING, "sheet-unreadable"),
        (
            rows("T1,New,01-03-2016 09:00,01-03-2016 09:00,a,b,0,0"),
            MAPPING.replace('"day-first"', '"day-first", "type": "none"'),
            "invalid-value",
        ),
    ],
)
async def test_a_log_that_does_not_fit_is_refused_whole(
    supervisor: httpx.AsyncClient, database: Database, data: bytes, mapping: str, code: str
) -> None:
    problem = await imported(supervisor, data, mapping=mapping, status=422)
    assert problem["code"] == code
    assert await count(database, "cases") == 0


FIRST_TRY_DEADLOCKS = """
CREATE SEQUENCE cases.tries;
CREATE FUNCTION cases.deadlock_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('cases.tries') = 1 THEN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = '40P01'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER deadlock_once BEFORE INSERT ON cases.cases FOR EACH ROW EXECUTE FUNCTION cases.deadlock_once();
GRANT USAGE ON SEQUENCE cases.tries TO PUBLIC;
"""


async def test_a_log_whose_import_a_deadlock_undid_is_read_again_from_its_beginning(
    supervisor: httpx.AsyncClient, database: Database, database_url: str
) -> None:
    conn = await asyncpg.connect(database_url)
    await conn.execute(FIRST_TRY_DEADLOCKS)
    log = rows(*(f"T{n},New,01-03-2016 09:00,01-03-2016 09:00,甲,,0,0" for n in range(5)))
    assert (await imported(supervisor, log))["created"] == 5
    assert await count(database, "cases") == 5
    assert await conn.fetchval("SELECT last_value FROM cases.tries") > 1
    await conn.close()
