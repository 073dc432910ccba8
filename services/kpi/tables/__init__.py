"""The tables of the kpi schema: the ledger's, what is kept beside it, and the kernel's."""

from services.kpi.tables.ledger import (
    FACT,
    LEDGERS,
    Ledger,
    bin_of,
    bucket_of,
    dimension_sets,
    kernel,
    metadata,
    set_of_view,
)
from services.kpi.tables.periods import adjustments, pay_periods
from services.kpi.tables.progress import progress, teams, unjudged
from services.kpi.tables.sums import FAMILIES, ROLLUPS, Family, Rollup, counts_for, measure_sum

__all__ = [
    "FACT",
    "FAMILIES",
    "LEDGERS",
    "ROLLUPS",
    "Family",
    "Ledger",
    "Rollup",
    "adjustments",
    "bin_of",
    "bucket_of",
    "counts_for",
    "dimension_sets",
    "kernel",
    "measure_sum",
    "metadata",
    "pay_periods",
    "progress",
    "set_of_view",
    "teams",
    "unjudged",
]
