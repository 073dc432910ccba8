"""What agents did on a night shift after midnight: it happened on one day and belongs to the day of the shift before.

Facts keep the local day on which they happened, so that days add up whoever worked. Asked by days of shifts, what lies
behind midnight is taken off its own day and put on the day before. `store.nights` judges what does.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, FromClause, Select, SmallInteger, case, cast, literal_column, select, union_all

from services.kpi.domain.kinds import BEHIND_MIDNIGHT
from services.kpi.domain.question import Question
from services.kpi.tables import Ledger


def by_days_of_the_roster(question: Question) -> bool:
    """Whether it asks by days of shifts that only the roster knows."""
    return question.period.by_shift and question.kind.by_roster


def by_shift(rows: FromClause, nights: FromClause) -> FromClause:
    """Rows by days of shifts: all as they are, and what of them lies behind midnight once more with the sign −1 on its
    own day, and with 1 on that of its shift."""

    def on(day: ColumnElement[date], of: FromClause, sign: str) -> Select[tuple[object, ...]]:
        others = [of.c[column.name] for column in rows.c if column.name != "day_on"]
        return select(*others, day.label("day_on"), cast(literal_column(sign), SmallInteger).label("sign"))

    own, moved = on(nights.c.day_on, nights, "-1"), on(nights.c.day_on - 1, nights, "1")
    return union_all(on(rows.c.day_on, rows, "1"), own, moved).subquery("by_shift")


def shift_day(ledger: Ledger) -> ColumnElement[date]:
    """The day of the shift in which a fact happened; its own day where that is no other."""
    facts = ledger.facts
    if not ledger.kind.by_roster:
        return facts.c.day_on
    return case((facts.c.tallies >= BEHIND_MIDNIGHT, facts.c.day_on - 1), else_=facts.c.day_on)
