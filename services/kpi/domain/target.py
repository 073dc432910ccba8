"""Targets: per metric and group, versioned, in force from a day on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.kpi.domain.catalogue import metric_named
from services.kpi.domain.metric import Better, Metric
from services.kpi.domain.question import dimension_not_of
from services.kpi.domain.standing import Tiers
from shared.contracts.refusal import Fault, Refusal

CENTRE = "centre"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a metric should be for one group, or (no `group`) for each group of that sort.

    `stretch` are further goals in percent of the target; `tiers` begin at these attainments. Each change is a version,
    in force from `valid_from` on.
    """

    target_id: UUID
    metric: str
    group_by: str
    value: float
    valid_from: date
    tiers: Tiers
    version: int
    set_by: str
    set_at: datetime
    group: str | None = None
    stretch: tuple[float, ...] = (120.0, 130.0)
    note: str | None = None


def set_target(target: Target) -> Target:
    """Refuses a target for a metric that only is to be known, for groups that it does not have, or of nothing."""
    metric = with_direction(metric_named(target.metric))
    if target.group_by != CENTRE and target.group_by not in metric.kind.dimensions:
        raise dimension_not_of(metric, "group_by", target.group_by)
    require_sort(target.group_by, target.group)
    if target.value <= 0:
        raise Refusal("target-not-positive", faults=(Fault("value", "target-not-positive", {}),))
    return target


def with_direction(metric: Metric) -> Metric:
    """Refuses with `metric-without-direction` a metric of which neither more nor less is better."""
    if metric.better is Better.NEITHER:
        raise Refusal("metric-without-direction", metric=metric.id)
    return metric


def require_sort(group_by: str, group: str | None) -> None:
    """Refuses with `group-of-centre` one group where the centre as a whole is meant."""
    if group is not None and group_by == CENTRE:
        raise Refusal("group-of-centre", faults=(Fault("group", "group-of-centre", {}),))


def change_target(
    target: Target,
    *,
    value: float,
    valid_from: date,
    tiers: Tiers,
    stretch: tuple[float, ...],
    note: str | None,
    by: str,
    now: datetime,
) -> Target:
    """The next version. Refuses one that would be in force before the version that it follows."""
    if valid_from < target.valid_from:
        fault = Fault("valid_from", "target-goes-back", {"since": str(target.valid_from)})
        raise Refusal("target-goes-back", faults=(fault,), since=str(target.valid_from))
    changed = replace(target, value=value, valid_from=valid_from, tiers=tiers, stretch=stretch, note=note)
    return set_target(replace(changed, version=target.version + 1, set_by=by, set_at=now))


def in_force(targets: Iterable[Target], group_by: str, group: str | None, on: date) -> Target | None:
    """The target of a group on a day: its own, else the one for each group of its sort; the newest that is in force."""
    fitting = [t for t in targets if t.group_by == group_by and t.group in (group, None) and t.valid_from <= on]
    return max(fitting, key=lambda t: (t.group is not None, t.valid_from, t.version), default=None)


def stretch_reached(target: Target, attained: float | None) -> float | None:
    """The highest stretch that was reached, in percent of the target; none when none was."""
    return max((goal for goal in target.stretch if attained is not None and attained >= goal), default=None)
