"""Short ways to write a definition down: what most metrics are."""

from __future__ import annotations

from typing import Any

from services.kpi.domain.kinds import Kind
from services.kpi.domain.metric import Better, Metric, Part, Unit, Words, count

UP, DOWN, NEITHER = Better.UP, Better.DOWN, Better.NEITHER


def sums(*names: str) -> tuple[Part, ...]:
    """The sums of measures; one with a minus is taken off."""
    return tuple(-count(name[1:]) if name.startswith("-") else count(name) for name in names)


def rate(
    id_: str,
    kind: Kind,
    of: tuple[Part, ...],
    among: tuple[Part, ...],
    better: Better,
    *,
    name: Words,
    formula: Words,
    unit: Unit = Unit.PERCENT,
    **more: Any,
) -> Metric:
    """So many of so many, as percent unless told otherwise."""
    return Metric(
        id=id_,
        name=name,
        formula=formula,
        kind=kind,
        numerator=of,
        denominator=among,
        unit=unit,
        better=better,
        **more,
    )


def percentiles(id_: str, kind: Kind, spread: str, *percents: int, name: Words, of: Words) -> tuple[Metric, ...]:
    """Percentiles of a duration, of which less is better."""
    return tuple(
        Metric(
            id=f"{id_}_p{percent}",
            name=Words(f"{name.zh} P{percent}", f"{name.en}, P{percent}"),
            formula=Words(
                f"{of.zh}的第 {percent} 百分位数（秒，误差不超过 1%）",
                f"percentile {percent} of {of.en} (s, within 1 %)",
            ),
            kind=kind,
            unit=Unit.SECONDS,
            better=DOWN,
            spread=spread,
            percent=percent,
        )
        for percent in percents
    )
