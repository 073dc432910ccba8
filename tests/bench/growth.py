"""How kpi fares with one, five and ten million facts: `python -m tests.bench.growth` writes docs/growth.md.

It takes about ten minutes, so it is no part of `make bench`. `KPI_FACTS` names other numbers of facts.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import uvloop

from tests.bench.__main__ import servers, versions
from tests.bench.bench_kpi_year import growth
from tests.bench.report import Row, document

PAGE = Path(__file__).parents[2] / "docs" / "growth.md"
COUNTS = tuple(map(int, os.environ.get("KPI_FACTS", "1000000,5000000,10000000").split(",")))

ABOUT = (
    "# 数据增长 Growth\n\n**摘要**：kpi 的事实从一百万增加到一千万条时，重建的速度、所占内存和看板提问的耗时；"
    "由 `python -m tests.bench.growth` 写成。\n\n"
    "How kpi fares as its facts grow: `python -m tests.bench.growth` wrote this page. The facts are contacts of 500 "
    "agents, from 4.4 million\non spread over a whole year. Making the rollups anew begins with none of them. A "
    "question is one of what dashboards ask of a whole\nyear, timed until its answer is written; of each the slowest "
    "of three rounds counts. The measured code and PostgreSQL share the machine."
)


def main() -> int:
    """Measure; 0 when every target was met. The page has what is measured so far, should the rest be broken off."""
    rows: list[Row] = []
    with servers() as bench:
        for count in COUNTS:
            rows += uvloop.run(growth(bench, [count]))
            PAGE.write_text(document(rows, asyncio.run(versions(bench)), ABOUT))
    return 0 if all(row.met is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
