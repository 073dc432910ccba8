"""The tables of the kpi schema: the ledger's, what is kept beside it, and the kernel's."""

from services.kpi.tables.ledger import (
    FACT,
    KEPT,
    LEDGERS,
    Ledger,
    bin_of,
    bucket_of,
    dimension_sets,
    kernel,
    metadata,
)
from services.kpi.tables.periods import adjustments, pay_periods
from services.kpi.tables.progress import overnight, progress, shifts, teams, unjudged
from services.kpi.tables.scores import (
    agents,
    alert_rules,
    alerts,
    patterns,
    rankings,
    scorecard_definitions,
    scorecards,
    targets,
    uses,
)
from services.kpi.tables.sums import FAMILIES, ROLLUPS, Family, Rollup, behind_midnight, counts_for, measure_sum

__all__ = [
    "FACT",
    "FAMILIES",
    "KEPT",
    "LEDGERS",
    "ROLLUPS",
    "Family",
    "Ledger",
    "Rollup",
    "adjustments",
    "agents",
    "alert_rules",
    "alerts",
    "behind_midnight",
    "bin_of",
    "bucket_of",
    "counts_for",
    "dimension_sets",
    "kernel",
    "measure_sum",
    "metadata",
    "overnight",
    "patterns",
    "pay_periods",
    "progress",
    "rankings",
    "scorecard_definitions",
    "scorecards",
    "shifts",
    "targets",
    "teams",
    "unjudged",
    "uses",
]
