"""The table that `make faults` prints and docs/reliability.md keeps: what was done, and how the site came through."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = "| what happened | accepted | applied | longest wait of a writer | settled after | promise kept |"
RULE = "| --- | ---: | ---: | ---: | ---: | --- |"


@dataclass(frozen=True)
class Figures:
    """What one site went through."""

    accepted: int
    """Writes that were answered with yes."""
    applied: int
    """Events applied by the services that hear them, each once."""
    longest_seconds: float
    """From a writer's first try until its write was accepted, at worst."""
    settled_seconds: float
    """From the last write until nothing was left to send or to apply."""


def line(test: str, figures: Figures | None, *, kept: bool) -> str:
    """One row; without figures where the test counts something else."""
    told = test.removeprefix("test_").replace("_", " ").replace("[", " (").replace("]", ")")
    cells = [told, *(_cells(figures) if figures else ("", "", "", "")), "yes" if kept else "**no**"]
    return f"| {' | '.join(cells)} |"


def table(lines: Iterable[str]) -> str:
    """As Markdown."""
    return "\n".join((HEAD, RULE, *lines))


def _cells(figures: Figures) -> tuple[str, ...]:
    return (
        f"{figures.accepted:,}",
        f"{figures.applied:,}",
        f"{figures.longest_seconds:.1f} s",
        f"{figures.settled_seconds:.1f} s",
    )
