"""The ledger's tables, for each kind of fact: the facts, and rollups of them.

Columns are made from `domain.kinds`. Rollups keep sums, never ratios: `…_quarters` of the centre and its teams by
quarter hour (UTC), from which days of any zone are made; `…_days` of the centre, teams, agents and subjects by the
facts' own local days, and `…_months` of the latter two, for long periods; `…_bins` and `…_month_bins` how many
durations lie in which bin, for percentiles. A question that none of them covers is counted from the facts.
`…_nights` and `…_night_bins` are those of `…_days` and `…_bins` that lie behind midnight in a shift that began the day
before, on their own day: by days of shifts they are taken off it and put on the day before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Double,
    Index,
    Integer,
    Interval,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    cast,
    func,
    literal,
)

from services.kpi.domain.bins import LOWEST
from services.kpi.domain.fact import BUCKET_MINUTES, Dimensions
from services.kpi.domain.kinds import BEHIND_MIDNIGHT, CONTACT, KINDS, RETURN, Kind, View
from shared.platform.kernel import Moment, kernel_of

kernel = kernel_of("kpi")
metadata = kernel.metadata

ROOMY: dict[str, Any] = {"postgresql_with": {"fillfactor": 70}}
"""A row that is added to again and again finds room for its next version beside it, and its index stays as it is."""

FACT = ("fact_key", "version", "happened_at", "day_on", "set_id", "tallies")
"""What every kind of fact begins with; then come its amounts and links, and by which rules it was judged."""

KEPT = tuple(f"{view}_set" for view in View)
"""The columns that name what each view keeps of a set."""

dimension_sets = Table(
    "dimension_sets",
    metadata,
    Column("set_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    *(Column(name, Text) for name in Dimensions._fields),
    Column("view", Text),
    *(Column(name, Uuid) for name in KEPT),
)
"""Each combination of kind and dimensions that ever occurred, once; `set_id` is made from them. Never changed.

Without a `view` it is that of facts, and `…_set` name what each view keeps of it.
"""

Index("dimension_sets_of_agent", dimension_sets.c.agent, postgresql_where=dimension_sets.c.view.is_(None))
Index("dimension_sets_by_view", dimension_sets.c.kind, dimension_sets.c.view, dimension_sets.c.zone)


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """The tables of one kind. `posted` is where a batch lies while it is posted: a temporary table of the session,
    empty between transactions, where `sign` is 1 for a fact that comes in, −1 for the older version it takes out.
    There a fact has the sets that the views keep of its own beside it: to look them up for every rollup, all sets there
    are would be read again and again."""

    kind: Kind
    facts: Table
    quarters: Table
    days: Table
    months: Table
    bins: Table | None
    month_bins: Table | None
    nights: Table | None
    night_bins: Table | None
    posted: Table

    @property
    def own(self) -> tuple[str, ...]:
        """The columns of a fact."""
        return (*FACT, *self.kind.amounts, *self.kind.links, "judged_by")


def bucket_of(happened_at: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """The start of the quarter hour in which something happened."""
    width, origin = timedelta(minutes=BUCKET_MINUTES), datetime(2000, 1, 1, tzinfo=UTC)
    return func.date_bin(literal(width, Interval), happened_at, literal(origin, Moment), type_=Moment)


def bin_of(amount: ColumnElement[int]) -> ColumnElement[int]:
    """The bin of a duration; the same as `domain.bins.bin_of`. As doubles, which PostgreSQL looks up much faster."""
    return func.width_bucket(cast(amount, Double), literal(list(LOWEST), ARRAY(Double)))


def _ledger(kind: Kind) -> Ledger:
    facts = Table(f"{kind.name}_facts", metadata, *_fact_columns(kind))
    Index(f"{kind.name}_facts_when", facts.c.happened_at, facts.c.fact_key)
    return Ledger(
        kind,
        facts,
        Table(f"{kind.name}_quarters", metadata, *_place("bucket_at", Moment), *_sums(kind), **ROOMY),
        Table(f"{kind.name}_days", metadata, *_place("day_on", Date), *_sums(kind), **ROOMY),
        Table(f"{kind.name}_months", metadata, *_place("month_on", Date), *_sums(kind), **ROOMY),
        _bins(f"{kind.name}_bins", "day_on") if kind.spreads else None,
        _bins(f"{kind.name}_month_bins", "month_on") if kind.spreads else None,
        Table(f"{kind.name}_nights", metadata, *_place("day_on", Date), *_sums(kind), **ROOMY)
        if kind.by_roster
        else None,
        _bins(f"{kind.name}_night_bins", "day_on") if kind.by_roster and kind.spreads else None,
        Table(
            f"posted_{kind.name}",
            MetaData(),
            *(Column(column.name, column.type) for column in facts.c),
            *(Column(name, Uuid) for name in KEPT),
            Column("sign", SmallInteger, nullable=False, server_default="1"),
            prefixes=["TEMPORARY"],
            postgresql_on_commit="DELETE ROWS",
        ),
    )


def _bins(name: str, when: str) -> Table:
    return Table(
        name,
        metadata,
        *_place(when, Date),
        Column("spread", SmallInteger, primary_key=True, autoincrement=False),
        Column("bin", SmallInteger, primary_key=True, autoincrement=False),
        Column("durations", BigInteger, nullable=False),
        **ROOMY,
    )


def _place(when: str, type_: Any) -> tuple[Column[Any], Column[Any]]:
    """The set first: a question reads the few sets it is about, over their whole time."""
    return Column("set_id", Uuid, primary_key=True), Column(when, type_, primary_key=True)


def _fact_columns(kind: Kind) -> list[Column[Any]]:
    return [
        Column("fact_key", Uuid, primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("happened_at", Moment, nullable=False),
        Column("day_on", Date, nullable=False),
        Column("set_id", Uuid, nullable=False),
        Column("tallies", Integer, nullable=False),
        *(Column(name, BigInteger) for name in kind.amounts),
        *(Column(name, Uuid) for name in kind.links),
        Column("judged_by", Text),
    ]


def _sums(kind: Kind) -> list[Column[int]]:
    """A sum of nothing, or one not kept before, is NULL."""
    return [Column(name, BigInteger) for name in kind.measures]


LEDGERS: dict[str, Ledger] = {kind.name: _ledger(kind) for kind in KINDS.values()}

Index(
    "return_facts_of_customer",
    LEDGERS[RETURN.name].facts.c.customer_id,
    LEDGERS[RETURN.name].facts.c.happened_at,
)

for _kind in (CONTACT, RETURN):
    _facts = LEDGERS[_kind.name].facts
    Index(f"{_facts.name}_of_set", _facts.c.set_id, _facts.c.day_on)
    Index(f"{_facts.name}_behind_midnight", _facts.c.day_on, postgresql_where=_facts.c.tallies >= BEHIND_MIDNIGHT)
"""Of those there are millions: what no rollup knows of them (one agent's about one topic) is found by its sets."""
