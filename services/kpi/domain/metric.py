"""What a metric is: a fraction whose two sides are sums of what facts measure, or a percentile of their durations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from services.kpi.domain.bins import middle_ms, percentile_bin
from services.kpi.domain.cuts import Cut
from services.kpi.domain.kinds import Kind


@dataclass(frozen=True, slots=True)
class Part:
    """A term of a side: a measure; or with `cut` how many durations lie within the asked seconds, which for the usual
    seconds is the measure `usually`."""

    of: str
    cut: Cut | None = None
    usually: str = ""
    sign: int = 1

    def __neg__(self) -> Part:
        return replace(self, sign=-self.sign)

    @property
    def unsigned(self) -> Part:
        """The term itself, whichever way it is counted."""
        return self if self.sign == 1 else replace(self, sign=1)


def count(measure: str) -> Part:
    """The sum of a measure."""
    return Part(measure)


def quick(distribution: str, usually: str) -> Part:
    """How many are at most the asked threshold."""
    return Part(distribution, Cut.THRESHOLD, usually)


def short(distribution: str, usually: str) -> Part:
    """How many are less than the asked short time."""
    return Part(distribution, Cut.SHORT, usually)


class Unit(StrEnum):
    """What a value is: numerator per hundred or thousand of the denominator, seconds or points for each, or just the
    numerator."""

    PERCENT = "percent"
    PER_THOUSAND = "per_thousand"
    SECONDS = "seconds"
    POINTS = "points"
    COUNT = "count"


class Better(StrEnum):
    """Which way is better; `neither` for a figure that is only to be known."""

    UP = "up"
    DOWN = "down"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages."""

    zh: str
    en: str

    def by_language(self) -> dict[str, str]:
        """As it is answered: each text under its language's tag."""
        return {"zh-CN": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that opens. Of a count, the denominator says out of how many. `version` grows with the definition.

    The denominator is of the facts of `per`, where those are another kind: it knows fewer dimensions then, and each
    group is measured against all of it.
    With `percent` it is that percentile of the durations in `spread`: the numerator counts how many are up to it.
    `aged`: the numerator is the instant since which something lasts, and the value for how long it has on average.
    `share_of`: the denominator is of all there is, whatever this dimension.
    `samples` counts the facts beneath where the denominator is of time or fields: those are no evidence.
    `matures_days`: for so long after it happened a fact may still be judged otherwise.
    """

    id: str
    name: Words
    formula: Words
    kind: Kind
    numerator: tuple[Part, ...] = ()
    denominator: tuple[Part, ...] = ()
    unit: Unit
    better: Better
    version: int = 1
    per: Kind | None = None
    spread: str = ""
    percent: int = 0
    aged: bool = False
    share_of: str = ""
    samples: str = ""
    matures_days: int = 0

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every term, once, without its sign."""
        return tuple(dict.fromkeys(part.unsigned for part in self.numerator + self.denominator))

    @property
    def counted(self) -> set[tuple[str, str]]:
        """What its numerator, or its percentile, is made of: by kind of facts and measure."""
        measures = {self.spread} if self.percent else {part.of for part in self.numerator}
        return {(self.kind.name, measure) for measure in measures}

    @property
    def beneath(self) -> Kind:
        """The kind of facts that the denominator counts."""
        return self.per or self.kind

    @property
    def options(self) -> tuple[Cut, ...]:
        """What an asker may set."""
        return tuple(cut for cut in Cut if any(part.cut is cut for part in self.parts))


class Fraction(NamedTuple):
    """Both sides of a metric, in its unit (seconds, not milliseconds), and what they make.

    A tuple, because an answer has them by the ten thousand.
    """

    value: float | None
    numerator: float
    denominator: int


Reckoning = Callable[[int, int], Fraction]
"""Numerator and denominator, as summed → the fraction that they make."""


def reckoning(metric: Metric, *, as_of_ms: int = 0) -> Reckoning:
    """How both sides make the metric; none where nothing lies beneath.

    `as_of_ms` is until when what is `aged` lasts.
    """
    times, over = FACTORS[metric.unit]
    thousandths = metric.unit is Unit.SECONDS

    def reckoned(top: int, beneath: int) -> Fraction:
        """Whole numbers are divided last, so a value is the nearest double to the true fraction."""
        if metric.aged:
            top = as_of_ms * beneath - top
        shown = top / 1000 if thousandths else top
        if not beneath:
            return Fraction(None, shown, beneath)
        return Fraction(top * times / (beneath * over) if over else top, shown, beneath)

    return reckoned


FACTORS: dict[Unit, tuple[int, int]] = {
    Unit.PERCENT: (100, 1),
    Unit.PER_THOUSAND: (1000, 1),
    Unit.SECONDS: (1, 1000),
    Unit.POINTS: (1, 1),
    Unit.COUNT: (1, 0),
}
"""By what a numerator and a denominator are multiplied; a count is not divided."""


def percentile(metric: Metric, bins: Mapping[int, int]) -> Fraction:
    """The percentile of these bins' durations, within 1 %; none where there are no durations."""
    found, number = percentile_bin(bins, metric.percent), sum(bins.values())
    if found is None:
        return Fraction(None, 0, number)
    up_to = sum(durations for bin_, durations in bins.items() if bin_ <= found)
    return Fraction(middle_ms(found) / 1000, up_to, number)


def in_unit(metric: Metric, top: int) -> float:
    """A numerator as people read it: durations in seconds."""
    return top / 1000 if metric.unit is Unit.SECONDS and not metric.percent else top
