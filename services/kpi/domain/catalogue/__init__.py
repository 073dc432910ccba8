"""The catalogue: every metric, as data. A changed definition gets a new `version`, never a silent edit."""

from __future__ import annotations

from services.kpi.domain.catalogue.cases import CASES
from services.kpi.domain.catalogue.contacts import CONTACTS
from services.kpi.domain.catalogue.roster import ROSTER
from services.kpi.domain.catalogue.service_levels import SERVICE_LEVELS
from services.kpi.domain.catalogue.surveys import SURVEYS
from services.kpi.domain.metric import Metric
from shared.contracts.refusal import Refusal

CATALOGUE: dict[str, Metric] = {metric.id: metric for metric in (*CONTACTS, *SERVICE_LEVELS, *SURVEYS, *CASES, *ROSTER)}


def metric_named(metric_id: str) -> Metric:
    """A metric of the catalogue; refuses with `metric-unknown`."""
    metric = CATALOGUE.get(metric_id)
    if metric is None:
        raise Refusal("metric-unknown", metric=metric_id)
    return metric


def of_the_same_facts(metric_id: str) -> list[str]:
    """The metrics that count something of what a metric counts, itself among them."""
    counted = metric_named(metric_id).counted
    return [metric.id for metric in CATALOGUE.values() if metric.counted & counted]
