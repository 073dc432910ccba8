"""Closed pay periods, and noting what changes in them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from sqlalchemy import ARRAY, BigInteger, bindparam, cast, literal, select
from sqlalchemy.dialects.postgresql import array, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.pay_period import PayPeriod
from services.kpi.tables import Ledger, adjustments, pay_periods
from shared.platform.db import Hot, driver_of
from shared.platform.kernel import Moment

POSTING = "SELECT pg_advisory_xact_lock_shared(hashtext('kpi.closing'))"
CLOSING = "SELECT pg_advisory_xact_lock(hashtext('kpi.closing'))"
"""Whoever posts holds the one, whoever closes waits for them with the other: what is being posted belongs to the
figures as closed, what is posted later is an adjustment."""

NOTED = ("fact_key", "version", "sign", "happened_at", "day_on", "set_id", "tallies")


async def closed_periods(conn: AsyncConnection) -> Sequence[PayPeriod]:
    """Those closed so far, to close another: until then, nothing is posted."""
    await (await driver_of(conn)).execute(CLOSING)
    return [PayPeriod(**row._mapping) for row in await conn.execute(select(pay_periods))]


async def add_period(conn: AsyncConnection, period: PayPeriod) -> None:
    """Keep a period as closed."""
    values = {name: getattr(period, name) for name in pay_periods.c.keys()}
    await conn.execute(insert(pay_periods).values(values))


@cache
def note_adjustments(ledger: Ledger) -> Hot:
    """Note what is posted of a kind into closed periods."""
    posted = ledger.posted
    amounts = cast(array([posted.c[name] for name in ledger.kind.amounts]), ARRAY(BigInteger))
    noted = bindparam("now", type_=Moment)
    rows = select(
        pay_periods.c.period_id, literal(ledger.kind.name), *(posted.c[name] for name in NOTED), amounts, noted
    )
    closed = posted.c.day_on.between(pay_periods.c.from_on, pay_periods.c.to_on)
    columns = ["period_id", "kind", *NOTED, "amounts", "noted_at"]
    return Hot(insert(adjustments).from_select(columns, rows.select_from(posted.join(pay_periods, closed))))
