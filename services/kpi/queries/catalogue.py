"""The catalogue, as it is answered."""

from __future__ import annotations

from dataclasses import dataclass

from services.kpi.domain.catalogue import CATALOGUE
from services.kpi.domain.cuts import USUAL
from services.kpi.domain.metric import Metric


@dataclass(frozen=True, slots=True)
class MetricView:
    """A metric: what it is made of, which way is better, how it can be grouped, its options' defaults in seconds."""

    id: str
    name: dict[str, str]
    formula: dict[str, str]
    unit: str
    better: str
    definition_version: int
    dimensions: tuple[str, ...]
    options: dict[str, int]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every metric there is."""

    items: list[MetricView]
    next: None = None


def catalogue() -> Catalogue:
    """All metrics, in the order of the book."""
    return Catalogue([_view(metric) for metric in CATALOGUE.values()])


def _view(metric: Metric) -> MetricView:
    return MetricView(
        id=metric.id,
        name=metric.name.by_language(),
        formula=metric.formula.by_language(),
        unit=metric.unit,
        better=metric.better,
        definition_version=metric.version,
        dimensions=metric.kind.dimensions,
        options={option: USUAL[option] for option in metric.options},
    )
