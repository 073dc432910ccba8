"""What the rollups are the sums of: one description for posting, for checking and for making them anew.

Posting sums a batch once, by the finest sets that its rollups are made of, and sums those few rows on: the team's and
the centre's days from the agents', the months from the days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
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

from services.kpi.domain.kinds import ABOVE, BEHIND_MIDNIGHT, KINDS, Kind, View
from services.kpi.tables.ledger import KEPT, LEDGERS, Ledger, bin_of, bucket_of, dimension_sets

Sums = Callable[[FromClause], Select[Any]]
"""Makes a rollup's rows from facts, from posted ones with their sign, or from rows that were summed before."""


@dataclass(frozen=True, slots=True, eq=False)
class Rollup:
    """One rollup of one kind: its table, what its rows are the sums at, and which sums they are."""

    table: Table
    place: tuple[str, ...]
    sums: tuple[str, ...]
    of: Sums


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """Rollups that are made of the same sums; `of_nights`: of nothing but what is marked as behind midnight."""

    base: Sums
    rollups: tuple[Rollup, ...]
    of_nights: bool = False


def measure_sum(kind: Kind, rows: FromClause, measure: str) -> ColumnElement[Any]:
    """The sum of a measure over facts (posted ones with their sign) or sums of them; NULL for the sum of nothing."""
    sign = rows.c.get("sign")
    if measure not in rows.c:
        return (func.count() if sign is None else func.sum(sign)).filter(counts_for(kind, rows, measure))
    amount = rows.c[measure]
    return func.sum(amount if sign is None else amount * sign)


def counts_for(kind: Kind, rows: FromClause, count: str) -> ColumnElement[bool]:
    """Whether a fact counts for this."""
    bit = literal_column(str(1 << kind.bit(count)), Integer)
    return rows.c.tallies.bitwise_and(bit) != literal_column("0", Integer)


def _by_view(
    rows: FromClause, at: Sequence[ColumnElement[Any]], views: Sequence[View], sums: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    """Sums at a place for each set that these views keep, in the order in which they are locked."""
    known, sets = _with_sets(rows)
    kept = [sets[view] for view in views]
    set_id = func.coalesce(*kept).label("set_id")
    grouped = func.grouping_sets(*(tuple_(*at, each) for each in kept))
    query = select(at[0], set_id, *at[1:], *sums).group_by(grouped).having(set_id.is_not(None))
    return query.select_from(known).order_by(at[0], set_id, *at[1:])


def _finest(
    rows: FromClause, at: Sequence[ColumnElement[Any]], views: Sequence[View], sums: Sequence[ColumnElement[Any]]
) -> Select[Any]:
    """Sums at a place for each set that these views keep, with the sets that are summed up from it."""
    known, sets = _with_sets(rows)
    groups = [(view, *ABOVE.get(view, ())) for view in views]
    kept = [sets[view] for view in View if any(view in group for group in groups)]
    grouped = func.grouping_sets(*(tuple_(*at, *(sets[view] for view in group)) for group in groups))
    return select(*at, *kept, *sums).group_by(grouped).select_from(known)


def _with_sets(rows: FromClause) -> tuple[FromClause, dict[View, ColumnElement[Any]]]:
    """Rows with the sets that the views keep of theirs, looked up where the rows themselves do not know."""
    sets: dict[View, ColumnElement[Any]] = {
        view: rows.c[name] for view, name in zip(View, KEPT, strict=True) if name in rows.c
    }
    if sets:
        return rows, sets
    joined = rows.join(dimension_sets, dimension_sets.c.set_id == rows.c.set_id)
    return joined, {view: dimension_sets.c[name] for view, name in zip(View, KEPT, strict=True)}


def _quarters(ledger: Ledger) -> Family:
    def of(rows: FromClause) -> Select[Any]:
        return _by_view(rows, (_quarter(rows),), (View.CENTRE, View.TEAM), _measures(ledger, rows))

    def base(rows: FromClause) -> Select[Any]:
        return _finest(rows, (_quarter(rows),), (View.TEAM,), _measures(ledger, rows))

    return Family(base, (Rollup(ledger.quarters, ("bucket_at", "set_id"), ledger.kind.measures, of),))


def _days(ledger: Ledger) -> Family:
    kind, finest = ledger.kind, _finest_views(ledger.kind)

    def of(at: Callable[[FromClause], ColumnElement[Any]], views: Sequence[View]) -> Sums:
        return lambda rows: _by_view(rows, (at(rows),), views, _measures(ledger, rows))

    days = Rollup(ledger.days, ("day_on", "set_id"), kind.measures, of(_day, tuple(kind.views)))
    months = Rollup(ledger.months, ("month_on", "set_id"), kind.measures, of(_month, finest))
    return Family(lambda rows: _finest(rows, (_day(rows),), finest, _measures(ledger, rows)), (days, months))


def _finest_views(kind: Kind) -> tuple[View, ...]:
    """The views from whose sets all others are summed up."""
    return tuple(view for view in kind.views if view in (View.AGENT, View.SUBJECT))


def _bins(by_day: Table, by_month: Table, spreads: Sequence[str]) -> Family:
    """How many durations lie in which bin: of the centre by day, of it and its teams by month."""

    def of(at: Callable[[FromClause], ColumnElement[Any]], *views: View) -> Sums:
        return lambda rows: _durations(_by_view, _told(rows, spreads), at, views)

    place = ("set_id", "spread", "bin")
    days = Rollup(by_day, ("day_on", *place), ("durations",), of(_day, View.CENTRE))
    months = Rollup(by_month, ("month_on", *place), ("durations",), of(_month, View.CENTRE, View.TEAM))
    return Family(lambda rows: _durations(_finest, _told(rows, spreads), _day, (View.TEAM,)), (days, months))


def _told(rows: FromClause, spreads: Sequence[str]) -> FromClause:
    """A row for each duration of a fact, with its bin; of what was summed before, its rows as they are."""
    if "bin" in rows.c:
        return rows
    each = [(number, rows.c[name]) for number, name in enumerate(spreads)]
    told = values(column("spread", SmallInteger), column("amount", BigInteger), name="told").data(each).lateral()
    sign = rows.c.get("sign")
    bin_ = cast(bin_of(told.c.amount), SmallInteger).label("bin")
    durations = cast(literal_column("1", Integer) if sign is None else sign, BigInteger).label("durations")
    sets = (rows.c[name] for name in ("set_id", *KEPT) if name in rows.c)
    query = select(rows.c.day_on, *sets, told.c.spread, bin_, durations)
    return query.select_from(rows.join(told, true())).where(told.c.amount.is_not(None)).subquery()


def _durations(
    by: Callable[..., Select[Any]],
    told: FromClause,
    at: Callable[[FromClause], ColumnElement[Any]],
    views: Sequence[View],
) -> Select[Any]:
    durations = cast(func.sum(told.c.durations), BigInteger).label("durations")
    return by(told, (at(told), told.c.spread, told.c.bin), views, [durations])


def _quarter(rows: FromClause) -> ColumnElement[Any]:
    return rows.c.bucket_at if "bucket_at" in rows.c else bucket_of(rows.c.happened_at).label("bucket_at")


def _day(rows: FromClause) -> ColumnElement[Any]:
    return rows.c.day_on


def _month(rows: FromClause) -> ColumnElement[Any]:
    """The first day of the month."""
    return cast(func.date_trunc("month", cast(rows.c.day_on, DateTime)), Date).label("month_on")


def _measures(ledger: Ledger, rows: FromClause) -> list[ColumnElement[Any]]:
    kind = ledger.kind
    return [cast(measure_sum(kind, rows, name), BigInteger).label(name) for name in kind.measures]


def _nights(ledger: Ledger, nights: Table) -> Family:
    def summed(by: Callable[..., Select[Any]], views: Sequence[View]) -> Sums:
        def of(rows: FromClause) -> Select[Any]:
            behind = behind_midnight(rows)
            return by(behind, (_day(behind),), views, _measures(ledger, behind))

        return of

    rollup = Rollup(nights, ("day_on", "set_id"), ledger.kind.measures, summed(_by_view, tuple(ledger.kind.views)))
    return Family(summed(_finest, _finest_views(ledger.kind)), (rollup,), of_nights=True)


def _night_bins(night_bins: Table, spreads: Sequence[str]) -> Family:
    def summed(by: Callable[..., Select[Any]]) -> Sums:
        return lambda rows: _durations(by, _told(behind_midnight(rows), spreads), _day, (View.CENTRE,))

    rollup = Rollup(night_bins, ("day_on", "set_id", "spread", "bin"), ("durations",), summed(_by_view))
    return Family(summed(_finest), (rollup,), of_nights=True)


def behind_midnight(rows: FromClause) -> FromClause:
    """Of facts those that happened in a shift that began the day before; what was summed of them, as it is."""
    if "tallies" not in rows.c:
        return rows
    return select(rows).where(rows.c.tallies >= BEHIND_MIDNIGHT).subquery()


def _families(ledger: Ledger) -> Iterator[Family]:
    yield _quarters(ledger)
    yield _days(ledger)
    if ledger.bins is not None and ledger.month_bins is not None:
        yield _bins(ledger.bins, ledger.month_bins, ledger.kind.spreads)
    if ledger.nights is not None:
        yield _nights(ledger, ledger.nights)
    if ledger.night_bins is not None:
        yield _night_bins(ledger.night_bins, ledger.kind.spreads)


FAMILIES: dict[str, tuple[Family, ...]] = {name: tuple(_families(LEDGERS[name])) for name in KINDS}
"""Every rollup of every kind, in the order in which they are locked."""

ROLLUPS: dict[str, tuple[Rollup, ...]] = {
    name: tuple(rollup for family in families for rollup in family.rollups) for name, families in FAMILIES.items()
}
