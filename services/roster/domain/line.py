"""Lines: one agent's row of the sheet, by day, and its stored form.

A draft's line holds texts, a version's line holds cells with their instants, so that what was published stays what it
was when a code changes its meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any

from services.roster.domain.code import Codebook
from shared.contracts.roster import Cell, DayChange

Texts = Mapping[date, str]
Line = Mapping[date, Cell]


def texts_json(texts: Texts) -> str:
    """A draft's line as stored."""
    return json.dumps({on.isoformat(): texts[on] for on in sorted(texts)}, ensure_ascii=False, separators=(",", ":"))


def texts_from(stored: str) -> dict[date, str]:
    """A draft's line from its stored form."""
    return {_day(on): text for on, text in json.loads(stored).items()}


def line_json(line: Line) -> str:
    """A version's line as stored."""
    return "{" + ",".join([f'"{_iso(on)}":{_cell_text(line[on])}' for on in sorted(line)]) + "}"


def line_from(stored: str) -> dict[date, Cell]:
    """A version's line from its stored form."""
    return {_day(on): cell for on, raw in json.loads(stored).items() if (cell := _cell_from(raw))}


def resolved(texts: Texts, codebook: Codebook) -> dict[date, Cell]:
    """What a draft's line means; unknown codes are left out (the checks report them)."""
    cells = {on: codebook.cell(text, on) for on, text in texts.items()}
    return {on: cell for on, cell in cells.items() if cell}


def days_json(days: Iterable[DayChange]) -> str:
    """Days before and after, as stored."""
    told = [f'["{_iso(day.on)}",{_cell_text(day.before)},{_cell_text(day.after)}]' for day in days]
    return "[" + ",".join(told) + "]"


def days_from(stored: str) -> tuple[DayChange, ...]:
    """Days before and after from their stored form."""
    return tuple(
        DayChange(on=_day(on), before=_cell_from(before), after=_cell_from(after))
        for on, before, after in json.loads(stored)
    )


@lru_cache(maxsize=10_000)
def _iso(on: date) -> str:
    return on.isoformat()


@lru_cache(maxsize=10_000)
def _day(on: str) -> date:
    return date.fromisoformat(on)


@lru_cache(maxsize=50_000)
def _cell_text(cell: Cell | None) -> str:
    """Thousands of agents have the same cell on the same day: each is written once."""
    return json.dumps(_cell_json(cell), ensure_ascii=False, separators=(",", ":"))


def _cell_json(cell: Cell | None) -> list[Any] | None:
    if cell is None:
        return None
    if cell.starts_at is None or cell.ends_at is None:
        return [cell.code]
    return [cell.code, int(cell.starts_at.timestamp()), int(cell.ends_at.timestamp())]


def _cell_from(raw: list[Any] | None) -> Cell | None:
    if raw is None:
        return None
    return _cell(*raw)


@lru_cache(maxsize=50_000)
def _cell(code: str, starts_at: int | None = None, ends_at: int | None = None) -> Cell:
    """And each is read once."""
    if starts_at is None or ends_at is None:
        return Cell(code=code)
    return Cell(
        code=code,
        starts_at=datetime.fromtimestamp(starts_at, UTC),
        ends_at=datetime.fromtimestamp(ends_at, UTC),
    )
