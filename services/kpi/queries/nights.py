"""What agents did on a night shift after midnight: it happened on one day and belongs to the day of the shift before.

Facts keep the local day on which they happened, so that days add up whoever worked. Asked by days of shifts, what lies
behind midnight is taken off its own day and put on the shift's. Which shift that is, is looked up when it is asked: the
roster may be told later than what happened in it, and settled later still.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    FromClause,
    Select,
    SmallInteger,
    cast,
    func,
    literal_column,
    select,
    union_all,
)

from services.kpi.domain.question import Question
from services.kpi.tables import Ledger, dimension_sets, shifts

ONE_DAY = timedelta(days=1)


def by_days_of_the_roster(question: Question) -> bool:
    """Whether it asks by days of shifts that only the roster knows."""
    return question.period.by_shift and question.kind.by_roster


def moved(ledger: Ledger) -> FromClause:
    """The facts behind midnight, each twice: with the sign −1 on its own day, with 1 on that of its shift."""
    facts = ledger.facts
    own = [facts.c[name] for name in ledger.own if name != "day_on"]

    def on(day: ColumnElement[Any], sign: str) -> Select[Any]:
        signed = cast(literal_column(sign), SmallInteger).label("sign")
        return select(*own, day.label("day_on"), signed).select_from(nights)

    nights = facts.join(dimension_sets, dimension_sets.c.set_id == facts.c.set_id).join(
        shifts, _behind_midnight(ledger)
    )
    return union_all(on(facts.c.day_on, "-1"), on(shifts.c.shift_on, "1")).subquery("moved")


def shift_day(ledger: Ledger) -> ColumnElement[Any]:
    """The day of the shift in which a fact happened, beside its set; its own day where that is no other."""
    own_day = ledger.facts.c.day_on
    if not ledger.kind.by_roster:
        return own_day
    known = select(shifts.c.shift_on).where(_behind_midnight(ledger)).correlate(ledger.facts, dimension_sets)
    return func.coalesce(known.scalar_subquery(), own_day, type_=Date)


def _behind_midnight(ledger: Ledger) -> ColumnElement[bool]:
    """Whether a fact happened in a shift of its agent that began the day before."""
    at, day = ledger.facts.c.happened_at, ledger.facts.c.day_on
    same = (shifts.c.over_midnight, shifts.c.staff_no == dimension_sets.c.agent, day == shifts.c.shift_on + 1)
    within: ColumnElement[bool] = (at >= shifts.c.starts_at) & (at < shifts.c.ends_at)
    for condition in same:
        within = within & condition
    return within
