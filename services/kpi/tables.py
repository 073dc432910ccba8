"""The tables of the kpi schema: its own, and the kernel's.

Measures and distributions are columns made from `domain.fact.KINDS`: a new one is a nullable column, and a kind fills
its own only. Nothing counted is NULL, which takes no room.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import BigInteger, Column, Date, Index, PrimaryKeyConstraint, SmallInteger, Table, Text, Uuid

from services.kpi.domain.fact import KINDS, Dimensions
from shared.platform.kernel import Moment, kernel_of

kernel = kernel_of("kpi")
metadata = kernel.metadata

MEASURES = tuple(name for kind in KINDS.values() for name in kind.measures)
DISTRIBUTIONS = tuple(name for kind in KINDS.values() for name in kind.distributions)


def _numbers(names: Iterable[str]) -> list[Column[int]]:
    return [Column(name, BigInteger) for name in names]


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
    *_numbers(MEASURES),
    *_numbers(DISTRIBUTIONS),
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
    *_numbers(MEASURES),
)
"""Sums of measures by quarter hour (UTC), dimensions and shift day."""

Index(
    "rollups_place",
    rollups.c.bucket_at,
    rollups.c.set_id,
    rollups.c.shift_on,
    unique=True,
    postgresql_nulls_not_distinct=True,
)

bins = Table(
    "bins",
    metadata,
    Column("bucket_at", Moment, nullable=False),
    Column("set_id", Uuid, nullable=False),
    Column("shift_on", Date),
    Column("distribution", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
)
"""How many facts of a place stand at each position of a distribution."""

Index(
    "bins_place",
    bins.c.bucket_at,
    bins.c.set_id,
    bins.c.shift_on,
    bins.c.distribution,
    bins.c.position,
    unique=True,
    postgresql_nulls_not_distinct=True,
)

progress = Table(
    "progress",
    metadata,
    Column("progress_id", SmallInteger, primary_key=True, autoincrement=False),
    Column("as_of", Moment, nullable=False),
)
"""One row: the time of the newest event applied."""
