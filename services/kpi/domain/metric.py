"""What a metric is: a fraction whose two sides are sums of what facts measure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.kpi.domain.fact import Kind, below, within


class Option(StrEnum):
    """What an asker may set, in seconds: the service level's X, and what counts as a short abandon."""

    THRESHOLD = "threshold"
    SHORT = "short"


DEFAULTS: dict[Option, int] = {Option.THRESHOLD: 20, Option.SHORT: 5}


@dataclass(frozen=True, slots=True)
class Part:
    """A term of a side: a measure, or with `cut` how many values of a distribution lie within the asked seconds."""

    of: str
    cut: Option | None = None
    sign: int = 1

    def __neg__(self) -> Part:
        return Part(self.of, self.cut, -self.sign)


def count(measure: str) -> Part:
    """The sum of a measure."""
    return Part(measure)


def quick(distribution: str) -> Part:
    """How many are at most the asked threshold."""
    return Part(distribution, Option.THRESHOLD)


def short(distribution: str) -> Part:
    """How many are less than the asked short time."""
    return Part(distribution, Option.SHORT)


def last_position(cut: Option, settings: Mapping[Option, int]) -> int:
    """The last position of a distribution that a cut includes: `≤ threshold`, `< short`."""
    return within(settings[cut]) if cut is Option.THRESHOLD else below(settings[cut])


class Unit(StrEnum):
    """What a value is: numerator per hundred of the denominator, seconds or points for each, or just the numerator."""

    PERCENT = "percent"
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A number that opens. Of a count, the denominator says out of how many. `version` grows with the definition."""

    id: str
    name: Words
    formula: Words
    kind: Kind
    numerator: tuple[Part, ...]
    denominator: tuple[Part, ...]
    unit: Unit
    better: Better
    version: int = 1

    @property
    def parts(self) -> tuple[Part, ...]:
        """Every term, once, without its sign."""
        return tuple(dict.fromkeys(Part(part.of, part.cut) for part in self.numerator + self.denominator))

    @property
    def options(self) -> tuple[Option, ...]:
        """What an asker may set."""
        return tuple(option for option in Option if any(part.cut is option for part in self.parts))


@dataclass(frozen=True, slots=True)
class Fraction:
    """Both sides of a metric, in its unit (seconds, not milliseconds), and what they make."""

    value: float | None
    numerator: float
    denominator: int


def fraction(metric: Metric, sums: Mapping[Part, int]) -> Fraction:
    """The metric over these sums; none where nothing lies beneath."""
    top, beneath = _side(metric.numerator, sums), _side(metric.denominator, sums)
    return Fraction(_value(metric.unit, top, beneath) if beneath else None, in_unit(metric, top), beneath)


def in_unit(metric: Metric, top: int) -> float:
    """A numerator as people read it: durations in seconds."""
    return top / 1000 if metric.unit is Unit.SECONDS else top


def _side(parts: tuple[Part, ...], sums: Mapping[Part, int]) -> int:
    return sum(part.sign * sums.get(Part(part.of, part.cut), 0) for part in parts)


def _value(unit: Unit, top: int, beneath: int) -> float:
    """Whole numbers are divided last, so a value is the nearest double to the true fraction."""
    match unit:
        case Unit.PERCENT:
            return top * 100 / beneath
        case Unit.SECONDS:
            return top / (beneath * 1000)
        case Unit.POINTS:
            return top / beneath
        case Unit.COUNT:
            return top
