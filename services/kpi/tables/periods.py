"""Closed pay periods, and what changed in them since."""

from __future__ import annotations

from sqlalchemy import ARRAY, BigInteger, Column, Date, Identity, Index, Integer, SmallInteger, Table, Text, Uuid

from services.kpi.tables.ledger import metadata
from shared.platform.kernel import Moment

pay_periods = Table(
    "pay_periods",
    metadata,
    Column("period_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("from_on", Date, nullable=False),
    Column("to_on", Date, nullable=False),
    Column("closed_at", Moment, nullable=False),
    Column("closed_by", Text, nullable=False),
)
"""A period that was paid by its figures as they were: whole days, as facts call theirs."""

adjustments = Table(
    "adjustments",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("period_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("fact_key", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("sign", SmallInteger, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("day_on", Date, nullable=False),
    Column("set_id", Uuid, nullable=False),
    Column("tallies", Integer, nullable=False),
    Column("amounts", ARRAY(BigInteger), nullable=False),
    Column("noted_at", Moment, nullable=False),
)
"""Facts that came into a closed period (`sign` 1) or were taken out of it (−1): a correction is one of each."""

Index("adjustments_of_period", adjustments.c.period_id, adjustments.c.kind)
