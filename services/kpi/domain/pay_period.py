"""Closed pay periods: their figures stay known as they were, beside what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.kpi.domain.period import day_at_home
from shared.contracts.refusal import Fault, Refusal

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPeriod:
    """Whole days from one to another, both included, closed at an instant."""

    period_id: UUID
    name: str
    from_on: date
    to_on: date
    closed_at: datetime
    closed_by: str


def close(period: PayPeriod, others: Sequence[PayPeriod]) -> PayPeriod:
    """Refuses a period that ends before it begins, is longer than a year, not over yet, or overlaps a closed one."""
    days = (period.to_on - period.from_on).days + 1
    if not 1 <= days <= LONGEST_DAYS:
        raise Refusal(
            "pay-period-invalid", faults=(Fault("to", "pay-period-invalid", {"most": LONGEST_DAYS}),), most=LONGEST_DAYS
        )
    if period.to_on >= day_at_home(period.closed_at):
        raise Refusal("pay-period-not-over", to=str(period.to_on))
    for other in others:
        if other.from_on <= period.to_on and period.from_on <= other.to_on:
            raise Refusal("pay-period-overlaps", name=other.name)
    return period
