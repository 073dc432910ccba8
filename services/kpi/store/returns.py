"""Judging who came again: contacts among their customers' others, apart from the posting and right behind it.

Posting notes down which contacts are new or changed (`unjudged`). Here they are taken, in the order of their commits
and by one worker at a time: two at once could not see each other's contacts and would both judge wrongly. For each
customer concerned, everything within two windows around is looked at and everything within one is judged again; what
comes out otherwise than it stood is replaced in the ledger, old out, new in.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.kinds import BEHIND_MIDNIGHT, CONTACT, RETURN
from services.kpi.domain.returns import WINDOW_DAYS
from services.kpi.store.ledger import add_posted, make_posted
from services.kpi.store.periods import POSTING
from services.kpi.tables import KEPT
from shared.platform.db import driver_of

BATCHES_AT_ONCE = 5

WINDOW = timedelta(days=WINDOW_DAYS)

NOTE = """
INSERT INTO kpi.unjudged (keys)
SELECT array_agg(fact_key) FROM posted_contact WHERE customer_id IS NOT NULL HAVING count(*) > 0
"""

TURN = "SELECT pg_try_advisory_xact_lock(hashtext('kpi.returns'))"

MAKE = """
CREATE TEMPORARY TABLE IF NOT EXISTS judging (fact_key uuid PRIMARY KEY) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS touched (
    customer_id uuid PRIMARY KEY, from_at timestamptz NOT NULL, to_at timestamptz NOT NULL
) ON COMMIT DELETE ROWS
"""

CLAIM = """
WITH taken AS (
    DELETE FROM kpi.unjudged
    WHERE number = ANY (ARRAY(SELECT number FROM kpi.unjudged ORDER BY number LIMIT $1))
    RETURNING keys
), judged AS (
    INSERT INTO judging SELECT DISTINCT unnest(keys) FROM taken RETURNING 1
)
SELECT count(*) FROM judged
"""

TOUCH = """
INSERT INTO touched
SELECT customer_id, min(happened_at), max(happened_at)
FROM (
    SELECT customer_id, happened_at FROM kpi.contact_facts JOIN judging USING (fact_key)
    UNION ALL
    SELECT customer_id, happened_at FROM kpi.return_facts JOIN judging USING (fact_key)
) AS told
WHERE customer_id IS NOT NULL
GROUP BY customer_id
"""

COLUMNS = "fact_key, version, happened_at, day_on, set_id, tallies, customer_id"

SETS = ", ".join(KEPT)

OLD_SETS = ", ".join(f"sets.{name}" for name in KEPT)

JUDGE = f"""
INSERT INTO posted_return ({COLUMNS}, {SETS})
WITH known AS (
    SELECT fact_key, version, happened_at, day_on, set_id, customer_id,
        tallies & {CONTACT.tally(handled=True)} <> 0 AS handled, tallies & {BEHIND_MIDNIGHT} AS behind_midnight
    FROM kpi.contact_facts JOIN judging USING (fact_key)
    WHERE customer_id IS NOT NULL AND tallies & {CONTACT.tally(offered=True)} <> 0
    UNION ALL
    SELECT fact_key, version, happened_at, day_on, set_id, customer_id,
        tallies & {RETURN.tally(first_on_topic=True)} <> 0, tallies & {BEHIND_MIDNIGHT}
    FROM touched JOIN kpi.return_facts AS other USING (customer_id)
    WHERE other.happened_at BETWEEN from_at - 2 * $1::interval AND to_at + 2 * $1::interval
        AND NOT EXISTS (SELECT FROM judging WHERE judging.fact_key = other.fact_key)
), among_others AS (
    SELECT known.*, topic, {SETS},
        lag(happened_at) OVER (PARTITION BY customer_id ORDER BY happened_at, fact_key) AS before_at,
        lead(happened_at) OVER (PARTITION BY customer_id, topic ORDER BY happened_at, fact_key) AS after_at
    FROM known JOIN kpi.dimension_sets USING (set_id)
)
SELECT fact_key, version, happened_at, day_on, set_id,
    {RETURN.tally(known_customer=True)} | behind_midnight
    | CASE WHEN before_at >= happened_at - $1::interval THEN {RETURN.tally(repeat=True)} ELSE 0 END
    | CASE WHEN NOT handled OR topic IS NULL THEN 0
           WHEN after_at <= happened_at + $1::interval THEN {RETURN.tally(first_on_topic=True)}
           ELSE {RETURN.tally(first_on_topic=True, settled_first=True)} END,
    customer_id, {SETS}
FROM among_others JOIN touched USING (customer_id)
WHERE happened_at BETWEEN from_at - $1::interval AND to_at + $1::interval
"""

OLD = ", ".join(f"old.{name}" for name in COLUMNS.split(", "))

GONE = f"""
INSERT INTO posted_return ({COLUMNS}, {SETS}, sign)
SELECT {OLD}, {SETS}, -1
FROM kpi.return_facts AS old JOIN judging USING (fact_key) JOIN kpi.dimension_sets USING (set_id)
WHERE NOT EXISTS (SELECT FROM posted_return AS new WHERE new.fact_key = old.fact_key)
"""

FORGET = "DELETE FROM kpi.return_facts AS old USING posted_return AS new WHERE new.fact_key = old.fact_key AND sign < 0"

SAME = f"""
DELETE FROM posted_return AS new USING kpi.return_facts AS old
WHERE old.fact_key = new.fact_key AND sign > 0
    AND ({OLD}) = ({OLD.replace("old.", "new.")})
"""

TAKE_OUT = f"""
INSERT INTO posted_return ({COLUMNS}, {SETS}, sign)
SELECT {OLD}, {OLD_SETS}, -1
FROM kpi.return_facts AS old
    JOIN posted_return AS new USING (fact_key)
    JOIN kpi.dimension_sets AS sets ON sets.set_id = old.set_id
WHERE sign > 0
"""

BRING_IN = f"""
INSERT INTO kpi.return_facts ({COLUMNS})
SELECT {COLUMNS} FROM posted_return WHERE sign > 0
ON CONFLICT (fact_key) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in COLUMNS.split(", ")[1:])}
"""


async def note_unjudged(conn: AsyncConnection) -> None:
    """Note down whose contacts are being posted, to be judged once this is committed."""
    await (await driver_of(conn)).execute(NOTE)


async def judge_some(conn: AsyncConnection, *, now: datetime) -> int:
    """Judge what was noted first; how many contacts. None while another worker has its turn."""
    driver = await driver_of(conn)
    if not await driver.fetchval(TURN):
        return 0
    await driver.execute(POSTING)
    await driver.execute(MAKE)
    judged: int = await driver.fetchval(CLAIM, BATCHES_AT_ONCE)
    if judged:
        await make_posted(conn, RETURN.name)
        await driver.execute("ANALYZE judging")
        await driver.execute(TOUCH)
        await driver.execute("ANALYZE touched")
        await driver.execute(JUDGE, WINDOW)
        for replacing in (GONE, FORGET, SAME, TAKE_OUT, BRING_IN):
            await driver.execute(replacing)
        await add_posted(conn, RETURN.name, now=now, nights=True)
    return judged
