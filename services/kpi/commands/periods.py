"""Closing pay periods."""

from __future__ import annotations

from datetime import date

from services.kpi.domain.pay_period import PayPeriod, close
from services.kpi.store.periods import add_period, closed_periods
from shared.platform.ids import new_id
from shared.platform.work import Work


async def close_pay_period(work: Work, *, name: str, from_: date, to: date) -> PayPeriod:
    """Close a period: from now on, whatever changes in it is noted as an adjustment."""
    period = PayPeriod(
        period_id=new_id(), name=name, from_on=from_, to_on=to, closed_at=work.now, closed_by=work.actor.sub
    )
    close(period, await closed_periods(work.conn))
    await add_period(work.conn, period)
    return period
