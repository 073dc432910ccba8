"""Which tables answer a question: the smallest rollup that knows what is asked, and the facts where none does.

Rollups by day hold each fact on the local day of its own zone. Asked in that zone they are enough; what happened in
other zones is added from the quarter hours or the facts, so that days of any zone are exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.bins import last_bin_within
from services.kpi.domain.cuts import longest_ms
from services.kpi.domain.kinds import View
from services.kpi.domain.metric import Part
from services.kpi.domain.question import Question
from services.kpi.queries.conditions import belonging, counts_by_own_day, in_period, inside, step
from services.kpi.tables import LEDGERS, Ledger, bin_of, dimension_sets, measure_sum


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one table that are part of an answer: of a `view` (none: facts), by their own days or by the instant."""

    ledger: Ledger
    rows: Table
    view: View | None = None
    by_day: bool = False
    zone: tuple[ColumnElement[bool], ...] = ()

    def of(self, question: Question, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """These columns for each step and group: `step`, `by` and its `name`, then they."""
        number = step(question.period, self.rows, by_day=self.by_day).label("step")
        by = dimension_sets.c[question.by or "team"]
        group = (by.label("by"), func.max(_name_of(question.by)).label("name")) if question.by else ()
        query = select(number, *group, *columns).group_by(number, *((by,) if question.by else ()))
        joined = query.join_from(self.rows, dimension_sets, dimension_sets.c.set_id == self.rows.c.set_id)
        return joined.where(in_period(question.period, self.rows, by_day=self.by_day), *self._belonging(question))

    def sum_of(self, measure: str) -> ColumnElement[Any]:
        """The sum of a measure."""
        if self.view is None:
            return measure_sum(self.ledger.kind, self.rows, measure)
        return func.sum(self.rows.c[measure])

    def _belonging(self, question: Question) -> Iterator[ColumnElement[bool]]:
        yield from belonging(question)
        yield from self.zone
        if self.view is not None:
            yield dimension_sets.c.view == self.view


async def zones_of(conn: AsyncConnection, question: Question) -> frozenset[str | None]:
    """The zones in which facts of the asked kind happened."""
    known = dimension_sets.c
    here = select(known.zone).where(known.kind == question.kind.sets, known.view == View.TEAM).distinct()
    return frozenset((await conn.execute(here)).scalars())


def readings(question: Question, zones: Collection[str | None]) -> list[Reading]:
    """What to read for sums of measures; together it is everything that is asked, once."""
    ledger, view = LEDGERS[question.kind.name], _view_for(question)
    fine = _fine(ledger, view)
    if question.period.last_on is None or not (question.period.zone in zones or counts_by_own_day(question)):
        return [fine]
    if counts_by_own_day(question):
        return [replace(_by_day(ledger, view), zone=())]
    here = dimension_sets.c.zone.is_not_distinct_from(question.period.zone)
    days = replace(_by_day(ledger, view), zone=(here,))
    return [days] if len(zones) == 1 else [days, replace(fine, zone=(~here,))]


def counted(reading: Reading, question: Question, parts: Sequence[Part]) -> Select[Any]:
    """How many durations lie within the asked cuts: from bins where they break there, else from the facts."""
    bins, kind = reading.ledger.bins, reading.ledger.kind
    last = {part: last_bin_within(longest_ms(part.cut, question.settings)) for part in parts if part.cut}
    if bins is None or not _has_bins(reading) or None in last.values():
        facts = _facts_like(reading)
        return facts.of(question, [func.count().filter(inside(question, part, facts.rows)) for part in parts])
    within = [(bins.c.spread == kind.spreads.index(part.of)) & (bins.c.bin <= last[part]) for part in parts]
    return replace(reading, rows=bins).of(question, [func.sum(bins.c.durations).filter(each) for each in within])


def durations_by_bin(reading: Reading, question: Question) -> Select[Any]:
    """How many durations lie in which bin."""
    bins, kind, spread = reading.ledger.bins, reading.ledger.kind, question.metric.spread
    if bins is not None and _has_bins(reading):
        query = replace(reading, rows=bins).of(question, [bins.c.bin, func.sum(bins.c.durations).label("durations")])
        return query.where(bins.c.spread == kind.spreads.index(spread)).group_by(bins.c.bin)
    facts = _facts_like(reading)
    bin_ = bin_of(facts.rows.c[spread]).label("bin")
    query = facts.of(question, [bin_, func.count().label("durations")])
    return query.where(facts.rows.c[spread].is_not(None)).group_by(bin_)


def newest(reading: Reading, question: Question, since: datetime) -> Select[Any]:
    """When the newest of the facts happened that are newer than an instant."""
    facts = _facts_like(reading)
    query = facts.of(question, [func.max(facts.rows.c.happened_at).label("newest_at")])
    return query.where(facts.rows.c.happened_at > since)


def _view_for(question: Question) -> View | None:
    views = question.kind.views.items()
    return next((view for view, kept in views if question.needs <= set(kept)), None)


def _by_day(ledger: Ledger, view: View | None) -> Reading:
    return Reading(ledger, ledger.facts if view is None else ledger.days, view, by_day=True)


def _fine(ledger: Ledger, view: View | None) -> Reading:
    """By quarter hours there is a rollup of teams only: of an agent they are hardly fewer than the facts."""
    return Reading(ledger, ledger.quarters, view) if view is View.TEAM else Reading(ledger, ledger.facts)


def _facts_like(reading: Reading) -> Reading:
    """The facts that make up the same rows."""
    return replace(reading, rows=reading.ledger.facts, view=None)


def _has_bins(reading: Reading) -> bool:
    return reading.view is View.TEAM and reading.by_day


def _name_of(by: str) -> ColumnElement[Any]:
    return dimension_sets.c.get(f"{by}_name", dimension_sets.c[by])
