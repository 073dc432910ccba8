"""Judging what lies behind midnight: contacts in a shift of their agent that began the day before.

Posting notes down which agents' days have new contacts, and telling of shifts into which days those reach
(`overnight`). Here they are taken, right behind it and by one worker at a time, in turn with those who judge returns:
whoever notes something has committed it when it is taken. All contacts of such an agent's day are looked at; those
whose mark is wrong get the right one, and what lies behind midnight is summed accordingly.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.kinds import BEHIND_MIDNIGHT, KINDS, Kind
from services.kpi.domain.shift import Shift
from services.kpi.store.ledger import add_nights, make_posted
from services.kpi.store.returns import TURN
from services.kpi.tables import KEPT, LEDGERS
from shared.platform.db import driver_of

KINDS_BY_ROSTER = tuple(kind for kind in KINDS.values() if kind.by_roster)
NOTES_AT_ONCE = 20
ONE_DAY = timedelta(days=1)

NOTE_POSTED = """
INSERT INTO kpi.overnight (staff_nos, days)
SELECT array_agg(agent), array_agg(day_on)
FROM (SELECT DISTINCT agent, day_on FROM posted_contact JOIN kpi.dimension_sets USING (set_id)) AS told
WHERE agent IS NOT NULL
HAVING count(*) > 0
"""

NOTE_SHIFTS = "INSERT INTO kpi.overnight (staff_nos, days) VALUES ($1, $2)"

MAKE = """
CREATE TEMPORARY TABLE IF NOT EXISTS told_days (
    staff_no text, day_on date, PRIMARY KEY (staff_no, day_on)
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS nights (
    staff_no text, day_on date, PRIMARY KEY (staff_no, day_on)
) ON COMMIT DELETE ROWS
"""

CLAIM = """
WITH taken AS (
    DELETE FROM kpi.overnight
    WHERE number = ANY (ARRAY(SELECT number FROM kpi.overnight ORDER BY number LIMIT $1))
    RETURNING staff_nos, days
), told AS (
    INSERT INTO told_days SELECT DISTINCT staff_no, day_on
    FROM taken, unnest(staff_nos, days) AS told (staff_no, day_on)
)
SELECT count(*) FROM taken
"""

CONCERNED = f"""
INSERT INTO nights
SELECT staff_no, day_on FROM told_days
JOIN kpi.shifts USING (staff_no)
WHERE shift_on = day_on - 1 AND over_midnight
UNION
SELECT agent, day_on FROM kpi.contact_facts
JOIN kpi.dimension_sets USING (set_id)
WHERE tallies >= {BEHIND_MIDNIGHT} AND day_on = ANY (ARRAY(SELECT DISTINCT day_on FROM told_days))
    AND (agent, day_on) IN (SELECT staff_no, day_on FROM told_days)
"""
"""Those in whose night somebody works, and those who were thought to."""

FEW_OF_MANY = "SET LOCAL random_page_cost = 1.1; SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off"
"""From the nights to their agents' sets, and from there to the facts: never through all facts."""


def _mark(kind: Kind) -> str:
    """Lay each fact whose mark is wrong down twice: as it was with the sign −1, and with the right mark."""
    own = [name for name in LEDGERS[kind.name].own if name != "tallies"]
    columns, known = ", ".join(own), ", ".join(f"facts.{name}" for name in own)
    kept, sets = ", ".join(KEPT), ", ".join(f"sets.{name}" for name in KEPT)
    return f"""
    INSERT INTO posted_{kind.name} ({columns}, tallies, {kept}, sign)
    WITH known AS MATERIALIZED (
        SELECT {known}, facts.tallies, {sets}, EXISTS (
            SELECT FROM kpi.shifts
            WHERE over_midnight AND shifts.staff_no = nights.staff_no
                AND shift_on = facts.day_on - 1 AND happened_at >= starts_at AND happened_at < ends_at
        ) AS behind
        FROM nights
            JOIN kpi.dimension_sets AS sets
                ON sets.agent = nights.staff_no AND sets.kind = '{kind.sets}' AND sets.view IS NULL
            JOIN kpi.{kind.name}_facts AS facts ON facts.set_id = sets.set_id AND facts.day_on = nights.day_on
        ORDER BY facts.fact_key
        FOR UPDATE OF facts
    ), wrong AS (
        SELECT * FROM known WHERE (tallies >= {BEHIND_MIDNIGHT}) <> behind
    )
    SELECT {columns}, tallies, {kept}, -1 FROM wrong
    UNION ALL
    SELECT {columns}, tallies # {BEHIND_MIDNIGHT}, {kept}, 1 FROM wrong
    """


def _keep(kind: Kind) -> str:
    return f"""
    UPDATE kpi.{kind.name}_facts AS facts SET tallies = posted.tallies
    FROM posted_{kind.name} AS posted
    WHERE posted.fact_key = facts.fact_key AND posted.sign > 0
    """


async def note_posted(conn: AsyncConnection) -> None:
    """Note down whose contacts of which days are being posted."""
    await (await driver_of(conn)).execute(NOTE_POSTED)


async def note_shifts(conn: AsyncConnection, told: Sequence[Shift]) -> None:
    """Note down the days into which the shifts reach that are being told, or no longer reach."""
    driver = await driver_of(conn)
    await driver.execute(NOTE_SHIFTS, [shift.staff_no for shift in told], [shift.shift_on + ONE_DAY for shift in told])


async def judge_nights_noted(conn: AsyncConnection) -> int:
    """Judge what was noted first; how many notes. None while another worker has its turn."""
    driver = await driver_of(conn)
    if not await driver.fetchval(TURN):
        return 0
    await driver.execute(MAKE)
    taken: int = await driver.fetchval(CLAIM, NOTES_AT_ONCE)
    if taken:
        await driver.execute("ANALYZE told_days")
        await driver.execute(CONCERNED)
        await driver.execute("ANALYZE nights")
        await driver.execute(FEW_OF_MANY)
        for kind in KINDS_BY_ROSTER:
            await make_posted(conn, kind.name)
            await driver.execute(_mark(kind))
            await driver.execute(_keep(kind))
        for kind in KINDS_BY_ROSTER:
            await add_nights(conn, kind.name)
    return taken
