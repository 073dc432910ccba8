"""What is asked about a metric, by whom: checked once, then answered by points and by the facts behind them alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.cuts import USUAL, Cut
from services.kpi.domain.kinds import Kind
from services.kpi.domain.metric import Metric, Part, count
from services.kpi.domain.period import Grain, Period, period
from shared.contracts.refusal import Fault, Refusal


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose facts an asker may see: everything, or the own ones and those of the teams they lead."""

    everything: bool = True
    staff_no: str | None = None
    teams: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A metric, a period, a grouping, what the facts must belong to (none: have no such dimension), and the cuts.

    `parts` are the terms asked of facts of this `kind`; `beneath`: they are the denominator's alone.
    """

    metric: Metric
    kind: Kind
    parts: tuple[Part, ...]
    period: Period
    by: str | None
    filters: Mapping[str, str | None]
    settings: Mapping[Cut, int]
    sight: Sight
    beneath: bool = False

    @property
    def halves(self) -> tuple[Question, ...]:
        """The question as asked of each kind of facts in turn; of the denominator's only what that kind knows."""
        metric = self.metric
        if metric.per is None and not metric.share_of:
            return (self,)
        known = set(metric.beneath.dimensions) - {metric.share_of}
        filters = {name: value for name, value in self.filters.items() if name in known}
        by = self.by if self.by in known else None
        top = replace(self, parts=_unsigned(metric.numerator))
        beneath = replace(self, kind=metric.beneath, parts=_unsigned(metric.denominator), by=by, filters=filters)
        return top, replace(beneath, beneath=True)

    @property
    def sides(self) -> tuple[tuple[Part, ...], ...]:
        """The numerator's terms and the denominator's, as far as they are asked of this kind of facts; and what counts
        the facts, where neither does."""
        metric = self.metric
        if self.beneath:
            return (), metric.denominator
        sides = (metric.numerator, () if len(self.halves) > 1 else metric.denominator)
        return (*sides, (count(metric.samples),)) if metric.samples else sides

    @property
    def needs(self) -> frozenset[str]:
        """The dimensions that have to be known to answer."""
        of_asker = () if self.sight.everything else ("agent", "team")
        return frozenset((*self.filters, *((self.by,) if self.by else ()), *of_asker))

    def measure_of(self, part: Part) -> str | None:
        """The measure that a term is, cut as asked; none when it has to be counted from the facts."""
        if part.cut is None:
            return part.of
        return part.usually if self.settings[part.cut] == USUAL[part.cut] else None


def question(
    *,
    metric_id: str,
    sight: Sight,
    zone: str,
    from_: date | datetime | None = None,
    to: date | datetime | None = None,
    by: str | None = None,
    grain: Grain | None = None,
    filters: Mapping[str, str | None] | None = None,
    settings: Mapping[Cut, int] | None = None,
) -> Question:
    """Check what is asked. Refuses what the metric does not have, and what the asker may not see."""
    metric, filters, settings = metric_named(metric_id), filters or {}, settings or {}
    for field, dimension in (*((name, name) for name in filters), *((("by", by),) if by else ())):
        if dimension not in metric.kind.dimensions:
            raise dimension_not_of(metric, field, dimension)
    for option in settings:
        if option not in metric.options:
            raise _not_of(metric, "option-not-of-metric", option, option)
    _require_in_sight(sight, filters)
    when, cuts = period(from_, to, zone, grain), {**USUAL, **settings}
    return Question(metric, metric.kind, metric.parts, when, by, filters, cuts, sight)


def _unsigned(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    return tuple(dict.fromkeys(part.unsigned for part in parts))


def dimension_not_of(metric: Metric, field: str, what: str) -> Refusal:
    """The refusal of a dimension that a metric's facts do not have, which names those they have."""
    return _not_of(metric, "dimension-not-of-metric", field, what, known=", ".join(metric.kind.dimensions))


def _not_of(metric: Metric, code: str, field: str, what: str, known: str = "") -> Refusal:
    fault = Fault(field, code, {"metric": metric.id, "what": what, "known": known})
    return Refusal(code, faults=(fault,), metric=metric.id, what=what, known=known)


def _require_in_sight(sight: Sight, filters: Mapping[str, str | None]) -> None:
    """Asking for somebody else's is refused; asking without naming anybody is answered with what may be seen."""
    if sight.everything:
        return
    if "team" in filters and filters["team"] not in sight.teams:
        raise Refusal("not-yours")
    if not sight.teams and filters.get("agent", sight.staff_no) != sight.staff_no:
        raise Refusal("not-yours")
    if sight.staff_no is None and not sight.teams:
        raise Refusal("not-yours")
