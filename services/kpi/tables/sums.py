"""What the rollups are the sums of: one description for posting, for checking and for making them anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    SmallInteger,
    Table,
    cast,
    column,
    func,
    literal_column,
    select,
    true,
    tuple_,
    values,
)

from services.kpi.domain.kinds import KINDS, Kind, View
from services.kpi.tables.ledger import LEDGERS, Ledger, bin_of, bucket_of, dimension_sets, set_of_view


@dataclass(frozen=True, slots=True, eq=False)
class Rollup:
    """One rollup of one kind: its table, what its rows are the sums at, and which sums they are.

    `of` makes its rows from facts, or from posted ones with their sign.
    """

    table: Table
    place: tuple[str, ...]
    sums: tuple[str, ...]
    of: Callable[[FromClause], Any]


def measure_sum(kind: Kind, rows: FromClause, measure: str) -> ColumnElement[Any]:
    """The sum of a measure over facts (posted ones with their sign); NULL for the sum of nothing."""
    sign = rows.c.get("sign")
    if measure in kind.counts:
        return (func.count() if sign is None else func.sum(sign)).filter(counts_for(kind, rows, measure))
    amount = rows.c[measure]
    return func.sum(amount if sign is None else amount * sign)


def counts_for(kind: Kind, rows: FromClause, count: str) -> ColumnElement[bool]:
    """Whether a fact counts for this."""
    bit = literal_column(str(1 << kind.bit(count)), Integer)
    return rows.c.tallies.bitwise_and(bit) != literal_column("0", Integer)


def _quarters(ledger: Ledger) -> Rollup:
    place = ("bucket_at", "set_id")

    def rows_of(facts: FromClause) -> Select[Any]:
        at = (bucket_of(facts.c.happened_at).label("bucket_at"), set_of_view(View.TEAM).label("set_id"))
        return _joined(facts, select(*at, *_sums(ledger, facts)).group_by(*at).order_by(*at))

    return Rollup(ledger.quarters, place, ledger.kind.measures, rows_of)


def _days(ledger: Ledger) -> Rollup:
    views = [set_of_view(view) for view in ledger.kind.views]

    def rows_of(facts: FromClause) -> Select[Any]:
        at = (facts.c.day_on, func.coalesce(*views).label("set_id"))
        sets = func.grouping_sets(*(tuple_(facts.c.day_on, view) for view in views))
        return _joined(facts, select(*at, *_sums(ledger, facts)).group_by(sets).order_by(*at))

    return Rollup(ledger.days, ("day_on", "set_id"), ledger.kind.measures, rows_of)


def _bins(ledger: Ledger, table: Table) -> Rollup:
    """How many durations of a team lie in which bin of which day."""
    place = ("day_on", "set_id", "spread", "bin")

    spreads = ledger.kind.spreads

    def rows_of(facts: FromClause) -> Select[Any]:
        each = [(number, facts.c[name]) for number, name in enumerate(spreads)]
        told = values(column("spread", SmallInteger), column("amount", BigInteger), name="told").data(each).lateral()
        bin_ = cast(bin_of(told.c.amount), SmallInteger).label("bin")
        at = (facts.c.day_on, set_of_view(View.TEAM).label("set_id"), told.c.spread, bin_)
        sign = facts.c.get("sign")
        durations = cast(func.count() if sign is None else func.sum(sign), BigInteger).label("durations")
        query = select(*at, durations).where(told.c.amount.is_not(None)).group_by(*at).order_by(*at)
        joined = facts.join(dimension_sets, dimension_sets.c.set_id == facts.c.set_id)
        return query.select_from(joined.join(told, true()))

    return Rollup(table, place, ("durations",), rows_of)


def _sums(ledger: Ledger, facts: FromClause) -> list[ColumnElement[Any]]:
    kind = ledger.kind
    return [cast(measure_sum(kind, facts, name), BigInteger).label(name) for name in kind.measures]


def _joined(facts: FromClause, query: Select[Any]) -> Select[Any]:
    return query.select_from(facts.join(dimension_sets, dimension_sets.c.set_id == facts.c.set_id))


def _rollups(ledger: Ledger) -> tuple[Rollup, ...]:
    every = (_quarters(ledger), _days(ledger))
    return every if ledger.bins is None else (*every, _bins(ledger, ledger.bins))


ROLLUPS: dict[str, tuple[Rollup, ...]] = {name: _rollups(LEDGERS[name]) for name in KINDS}
"""Every rollup of every kind, in the order in which they are locked."""
