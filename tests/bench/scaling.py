"""Write the figures of docs/benchmarks.md into docs/scaling.md, and what is calculated from them.

`make bench` does it at its end; `python -m tests.bench.scaling` when the page of benchmarks came from elsewhere.
"""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
SINGLE, RELAY = "single write: POST /contacts", "relay: outbox row → confirmed"
SHOWN = {
    SINGLE: "one contact a request, one API process",
    "contacts:batch, new contacts": "contacts in batches",
    RELAY: "relay of one service",
    "kpi: contact facts applied, one in an event": "kpi, one contact in an event",
    "kpi: contact facts applied, 100 in an event": "kpi, 100 contacts in an event",
    "commit → consumer's commit, p99 at 100/s": "commit to the consumer's commit, p99 at 100/s",
    "draft diff as JSON and publish version 1, 2,000 agents × 31 days": "compare and publish 2,000 agents × 31 days",
    "the process doing it, at most": "the process that publishes it, at most",
    "messages drained through a gateway, one worker": "messages to people, one worker of notify",
    "opening a case: POST /cases": "cases opened, one API process",
    "queue of 1,000,000 cases, pages anywhere, p95": "a page of the queue of 1,000,000 cases, p95",
}
"""Row of the benchmarks → what it is called here."""

AGENTS = (50, 500, 5_000)
CONTACTS_AN_HOUR = 10
PEAK = 4
"""The busiest minute has so many times the mean."""
WRITES_A_CONTACT = 5

BLOCK = "<!-- {0} -->\n{1}\n<!-- /{0} -->"


def main() -> None:
    """Write the page anew."""
    page = DOCS / "scaling.md"
    page.write_text(rewritten(page.read_text(), (DOCS / "benchmarks.md").read_text()))


def rewritten(page: str, benchmarks: str) -> str:
    """The page of scaling with the figures of these benchmarks."""
    figures = dict(re.findall(r"^\| (.+?) \| (\S+ ?\S*) \|", benchmarks, re.MULTILINE))
    for name, text in (("measured", _measured(figures)), ("calculated", _calculated(figures))):
        pattern = BLOCK.format(name, ".*?")
        page = re.sub(pattern, lambda _, block=BLOCK.format(name, text): block, page, flags=re.DOTALL)
    return page


def _measured(figures: dict[str, str]) -> str:
    lines = [f"| {SHOWN[name]} | {figures[name]} |" for name in SHOWN if name in figures]
    return "\n".join(["| measured | value |", "| --- | ---: |", *lines])


def _calculated(figures: dict[str, str]) -> str:
    head = (
        "| agents | contacts/s in the peak | writes/s and events/s in the peak | share of one measured API process | "
        "share of one measured relay |\n| ---: | ---: | ---: | ---: | ---: |"
    )
    writes_a_second, events_a_second = (_number(figures[name]) for name in (SINGLE, RELAY))
    lines = [head]
    for agents in AGENTS:
        contacts = agents * CONTACTS_AN_HOUR * PEAK / 3600
        writes = contacts * WRITES_A_CONTACT
        shares = [_percent(writes / most) for most in (writes_a_second, events_a_second)]
        lines.append(f"| {agents:,} | {_few(contacts)} | {_few(writes)} | {' | '.join(shares)} |")
    return "\n".join(lines)


def _number(figure: str) -> float:
    return float(figure.split(maxsplit=1)[0].replace(",", ""))


def _few(value: float) -> str:
    return f"{value:.1f}" if value < 1 else f"{value:.0f}"


def _percent(share: float) -> str:
    return "under 1 %" if share < 0.01 else f"{100 * share:.0f} %"


if __name__ == "__main__":
    main()
