"""Which tables answer a question: the smallest rollup that knows what is asked, and the facts where none does.

Rollups by day hold each fact on the local day of its own zone. Asked in that zone they are enough; what happened in
other zones is added from the quarter hours or the facts, so that days of any zone are exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, FromClause, Select, cast, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.kpi.domain.bins import last_bin_within
from services.kpi.domain.cuts import longest_ms
from services.kpi.domain.kinds import View
from services.kpi.domain.metric import Part
from services.kpi.domain.question import Question
from services.kpi.queries.conditions import When, belonging, counts_by_own_day, in_period, inside, step
from services.kpi.queries.nights import by_days_of_the_roster, by_shift
from services.kpi.tables import LEDGERS, Ledger, behind_midnight, bin_of, dimension_sets, measure_sum


@dataclass(frozen=True, slots=True)
class Reading:
    """Rows of one table that are part of an answer: of a `view` (none: facts), lying in time as `when` says."""

    ledger: Ledger
    rows: FromClause
    when: When
    view: View | None = None
    zone: tuple[ColumnElement[bool], ...] = ()

    def of(self, question: Question, columns: Sequence[ColumnElement[Any]]) -> Select[Any]:
        """These columns for each step and group: `step`, `by` and its `name`, then they. A group may occur again."""
        number = step(question.period, self.rows, self.when).label("step")
        group, key = self._groups(question.by) if question.by else ((), ())
        query = select(number, *group, *columns).group_by(number, *key)
        joined = query.join_from(self.rows, dimension_sets, dimension_sets.c.set_id == self.rows.c.set_id)
        return joined.where(in_period(question.period, self.rows, self.when), *self._belonging(question))

    def sum_of(self, measure: str) -> ColumnElement[Any]:
        """The sum of a measure."""
        return cast(measure_sum(self.ledger.kind, self.rows, measure), BigInteger)

    def _groups(self, by: str) -> tuple[tuple[ColumnElement[Any], ...], tuple[ColumnElement[Any], ...]]:
        """A group's key and name, and what to group by: its sets where each group has hardly more than one, as ids are
        hashed in a fraction of the time that names take to be compared."""
        value, name = dimension_sets.c[by], _name_of(by)
        if self.view == by:
            return (value.label("by"), name.label("name")), (dimension_sets.c.set_id,)
        return (value.label("by"), func.max(name).label("name")), (value,)

    def _belonging(self, question: Question) -> Iterator[ColumnElement[bool]]:
        yield from belonging(question)
        yield from self.zone
        if self.view is not None:
            yield dimension_sets.c.view == self.view


async def zones_of(conn: AsyncConnection, question: Question) -> frozenset[str | None]:
    """The zones in which facts of the asked kind happened."""
    known = dimension_sets.c
    here = select(known.zone).where(known.kind == question.kind.sets, known.view == View.CENTRE).distinct()
    return frozenset((await conn.execute(here)).scalars())


def readings(question: Question, zones: Collection[str | None]) -> list[Reading]:
    """What to read for sums of measures; together it is everything that is asked, once."""
    ledger, view = LEDGERS[question.kind.name], _view_for(question)
    fine = _fine(ledger, view)
    if counts_by_own_day(question):
        return [_by_shift(ledger, view)] if by_days_of_the_roster(question) else _by_day(ledger, view, question)
    if question.period.last_on is None or question.period.zone not in zones:
        return [fine]
    here = dimension_sets.c.zone.is_not_distinct_from(question.period.zone)
    days = [replace(reading, zone=(here,)) for reading in _by_day(ledger, view, question)]
    return days if len(zones) == 1 else [*days, replace(fine, zone=(~here,))]


def _by_day(ledger: Ledger, view: View | None, question: Question) -> list[Reading]:
    """Whole months where agents or subjects are asked for long, and the days around them."""
    if view is None:
        return [Reading(ledger, ledger.facts, When.DAY)]
    days = Reading(ledger, ledger.days, When.DAY, view)
    if view in (View.CENTRE, View.TEAM) or not question.period.months:
        return [days]
    months = Reading(ledger, ledger.months, When.MONTH, view)
    return [months] if question.period.of_whole_months else [months, replace(days, when=When.AROUND_MONTHS)]


def _by_shift(ledger: Ledger, view: View | None) -> Reading:
    """By days of shifts that only the roster knows."""
    if view is None or ledger.nights is None:
        return Reading(ledger, by_shift(ledger.facts, behind_midnight(ledger.facts)), When.DAY)
    return Reading(ledger, by_shift(ledger.days, ledger.nights), When.DAY, view)


def counted(reading: Reading, question: Question, parts: Sequence[Part]) -> list[Select[Any]]:
    """How many durations lie within the asked cuts: from bins where they break there, else from the facts."""
    kind = question.kind
    last = {part: last_bin_within(longest_ms(part.cut, question.settings)) for part in parts if part.cut}
    queries = []
    for each in [_facts_like(reading)] if None in last.values() else _with_bins(reading, question):
        rows = each.rows
        counts: list[ColumnElement[Any]]
        if each.view is None:
            counts = [_number(rows).filter(inside(question, part, rows)) for part in parts]
        else:
            within = [(rows.c.spread == kind.spreads.index(part.of)) & (rows.c.bin <= last[part]) for part in parts]
            counts = [cast(_durations(rows).filter(condition), BigInteger) for condition in within]
        queries.append(each.of(question, counts))
    return queries


def durations_by_bin(reading: Reading, question: Question) -> list[Select[Any]]:
    """How many durations lie in which bin: both in arrays, one of each for a step and group."""
    spread, queries = question.metric.spread, []
    for each in _with_bins(reading, question):
        rows, number = each.rows, question.kind.spreads.index(spread)
        if each.view is None:
            bin_, durations = bin_of(rows.c[spread]).label("bin"), _number(rows).label("durations")
            query = each.of(question, [bin_, durations]).where(rows.c[spread].is_not(None)).group_by(bin_)
        else:
            summed = cast(_durations(rows), BigInteger).label("durations")
            query = each.of(question, [rows.c.bin, summed]).where(rows.c.spread == number).group_by(rows.c.bin)
        queries.append(_in_arrays(query))
    return queries


def _in_arrays(query: Select[Any]) -> Select[Any]:
    """The last two columns as arrays, for each of what the others say."""
    *others, bin_, durations = query.subquery().c
    return select(*others, func.array_agg(bin_), func.array_agg(durations)).group_by(*others)


def _with_bins(reading: Reading, question: Question) -> list[Reading]:
    """The bins that make up the same rows, and the facts where there are none."""
    days, months, nights = reading.ledger.bins, reading.ledger.month_bins, reading.ledger.night_bins
    if "sign" in reading.rows.c and days is not None and nights is not None and reading.view is View.CENTRE:
        return [replace(reading, rows=by_shift(days, nights))]
    if "sign" in reading.rows.c:
        return [_facts_like(reading)]
    if reading.when is not When.DAY or days is None or months is None:
        return [_facts_like(reading)]
    if question.period.months and reading.view in (View.CENTRE, View.TEAM):
        whole = replace(reading, rows=months, when=When.MONTH)
        around = replace(reading, when=When.AROUND_MONTHS)
        rest = replace(around, rows=days) if reading.view is View.CENTRE else _facts_like(around)
        return [whole] if question.period.of_whole_months else [whole, rest]
    return [replace(reading, rows=days) if reading.view is View.CENTRE else _facts_like(reading)]


def newest(reading: Reading, question: Question, since: datetime) -> Select[Any]:
    """When the newest of the facts happened that are newer than an instant."""
    facts = _facts_like(reading)
    query = facts.of(question, [func.max(facts.rows.c.happened_at).label("newest_at")])
    return query.where(facts.rows.c.happened_at > since)


def _view_for(question: Question) -> View | None:
    views = question.kind.views.items()
    return next((view for view, kept in views if question.needs <= set(kept)), None)


def _fine(ledger: Ledger, view: View | None) -> Reading:
    """By quarter hours there is a rollup of the centre and its teams: of agents there would be as many as facts."""
    if view in (View.CENTRE, View.TEAM):
        return Reading(ledger, ledger.quarters, When.INSTANT, view)
    return Reading(ledger, ledger.facts, When.INSTANT)


def _facts_like(reading: Reading) -> Reading:
    """The facts that make up the same rows; by month they lie on days."""
    if "sign" in reading.rows.c:
        return _by_shift(reading.ledger, None)
    return replace(reading, rows=reading.ledger.facts, view=None)


def _durations(bins: FromClause) -> Any:
    return func.sum(bins.c.durations * bins.c.sign if "sign" in bins.c else bins.c.durations)


def _number(facts: FromClause) -> Any:
    """How many facts: those that are taken off count less than nothing."""
    return func.sum(facts.c.sign) if "sign" in facts.c else func.count()


def _name_of(by: str) -> ColumnElement[Any]:
    return dimension_sets.c.get(f"{by}_name", dimension_sets.c[by])
