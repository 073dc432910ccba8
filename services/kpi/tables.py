"""The tables of the kpi schema: its own, and the kernel's.

Measures and distributions are columns made from `domain.kinds`: a new one is one more nullable column. A kind fills its
own; NULL stands for those of other kinds and takes no room.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Date,
    Index,
    Interval,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    literal,
)

from services.kpi.domain.fact import BUCKET_MINUTES, Dimensions
from services.kpi.domain.kinds import KINDS, Kind
from shared.platform.kernel import Moment, kernel_of

kernel = kernel_of("kpi")
metadata = kernel.metadata

FACT = ("fact_key", "version", "happened_at", "shift_on", "set_id")
"""What every kind of fact has."""

PLACE = ("bucket_at", "set_id", "shift_on")
"""What a rollup is the sum at."""

MEASURES = tuple(name for kind in KINDS.values() for name in kind.measures)
DISTRIBUTIONS = tuple(name for kind in KINDS.values() for name in kind.distributions)


def _of_one(measures: Iterable[str]) -> list[Column[int]]:
    """What one fact measures: durations are large, counts are small."""
    return [Column(name, BigInteger if name.endswith("_ms") else SmallInteger) for name in measures]


def _sums(measures: Iterable[str]) -> list[Column[int]]:
    return [Column(name, BigInteger) for name in measures]


dimension_sets = Table(
    "dimension_sets",
    metadata,
    Column("set_id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    *(Column(name, Text) for name in Dimensions._fields),
)
"""Each combination of kind and dimensions that ever occurred, once; `set_id` is made from them. Never changed."""

facts = Table(
    "facts",
    metadata,
    Column("kind", Text, nullable=False),
    Column("fact_key", Uuid, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("happened_at", Moment, nullable=False),
    Column("shift_on", Date),
    Column("set_id", Uuid, nullable=False),
    *_of_one(MEASURES),
    *(Column(name, BigInteger) for name in DISTRIBUTIONS),
    PrimaryKeyConstraint("kind", "fact_key"),
)
"""The newest version of every fact: the record that the rollups can be recomputed from."""

Index("facts_when", facts.c.kind, facts.c.happened_at, facts.c.fact_key)

rollups = Table(
    "rollups",
    metadata,
    Column("bucket_at", Moment, nullable=False),
    Column("set_id", Uuid, nullable=False),
    Column("shift_on", Date),
    *_sums(MEASURES),
)
"""Sums of measures by quarter hour (UTC), dimensions and shift day."""

Index(
    "rollups_place",
    *(rollups.c[name] for name in PLACE),
    unique=True,
    postgresql_nulls_not_distinct=True,
)

teams = Table(
    "teams",
    metadata,
    Column("team_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)
"""Roster's teams as last heard: facts know a team by its id, tokens may by its code."""

Index("teams_by_code", teams.c.code)

progress = Table(
    "progress",
    metadata,
    Column("progress_id", SmallInteger, primary_key=True, autoincrement=False),
    Column("as_of", Moment, nullable=False),
)
"""One row: the time of the newest event applied."""


def bucket_of(happened_at: ColumnElement[datetime]) -> ColumnElement[datetime]:
    """The start of the quarter hour in which something happened."""
    width, origin = timedelta(minutes=BUCKET_MINUTES), datetime(2000, 1, 1, tzinfo=UTC)
    return func.date_bin(literal(width, Interval), happened_at, literal(origin, Moment), type_=Moment)


def posted_of(kind: Kind) -> Table:
    """Where a batch of one kind lies while it is posted: a temporary table of the session, empty between transactions.

    `sign` is 1 for a fact that comes in, −1 for the older version that it takes out.
    """
    own = (*FACT, *kind.measures, *kind.distributions)
    return Table(
        f"posted_{kind.name}",
        MetaData(),
        *(Column(name, facts.c[name].type) for name in own),
        Column("sign", SmallInteger, nullable=False, server_default="1"),
        prefixes=["TEMPORARY"],
        postgresql_on_commit="DELETE ROWS",
    )


POSTED: dict[str, Table] = {kind.name: posted_of(kind) for kind in KINDS.values()}
