"""Rankings that few facts cannot win: rates go by Wilson's lower bound, and too few facts make no rank."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from services.kpi.domain.metric import Better, Metric, Unit, Words
from shared.contracts.refusal import Refusal

Z = 1.959963984540054
"""Two-sided 95 %."""
LEAST_FACTS = 30
NEWCOMER_MONTHS = 2
"""No speed is asked of anybody in their first two months."""

INSUFFICIENT = "insufficient data"
NEWCOMER = "newcomer"
NOTES = {
    INSUFFICIENT: Words("数据不足，不参与排名", "Too few facts to be ranked"),
    NEWCOMER: Words("入职头两个月，不按速度排名", "In the first two months nobody is ranked on speed"),
}

BY_CATEGORY = {
    "volume": "contacts_handled",
    "quality": "csat",
    "skill": "fcr",
    "attendance": "attendance",
}
"""What a ranking by volume, quality, skill or attendance goes by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contender:
    """One agent or team with what was measured."""

    key: str
    name: str
    value: float | None
    numerator: float
    n: int
    newcomer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where somebody stands. `bound` is the end of Wilson's interval that counts, in percent; none where there is none.

    `rank` is none with a note why: insufficient data, or newcomer; `note_text` says it to people in both languages.
    """

    key: str
    name: str
    value: float | None
    n: int
    bound: float | None
    rank: int | None = None
    note: str | None = None
    note_text: dict[str, str] | None = None


def worded(place: Place) -> Place:
    """The same, with its note in words."""
    return replace(place, note_text=NOTES[place.note].by_language()) if place.note else place


def rankable(metric: Metric) -> Metric:
    """Refuses with `metric-without-direction` what is neither better nor worse, unless it is a volume."""
    if metric.better is Better.NEITHER and metric.unit is not Unit.COUNT:
        raise Refusal("metric-without-direction", metric=metric.id)
    return metric


def is_speed(metric: Metric) -> bool:
    """Whether a metric asks for speed: durations of which less is better."""
    return metric.unit is Unit.SECONDS and metric.better is Better.DOWN


def is_newcomer(hired_on: date, on: date) -> bool:
    """Whether a day lies in somebody's first two months, or before them."""
    months = (on.year - hired_on.year) * 12 + on.month - hired_on.month - (on.day < hired_on.day)
    return months < NEWCOMER_MONTHS


def is_share(metric: Metric) -> bool:
    """Whether a metric is so many of so many, of which Wilson's interval speaks: a net score is not."""
    return metric.unit is Unit.PERCENT and all(part.sign > 0 for part in metric.numerator)


def wilson(successes: float, n: int, *, upper: bool = False) -> float | None:
    """An end of Wilson's score interval (1927) of a rate, in percent at 95 %; none for no facts."""
    if n <= 0:
        return None
    p, z2 = min(1.0, max(0.0, successes / n)), Z * Z
    spread = Z * math.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    centre = p + z2 / (2 * n)
    return max(0.0, min(1.0, (centre + spread if upper else centre - spread) / (1 + z2 / n))) * 100


def ranked(metric: Metric, contenders: Iterable[Contender], least: int = LEAST_FACTS) -> list[Place]:
    """Everybody's place, the best first; those without a rank after them, by name. Equal bounds share a rank."""
    places = [_unranked(metric, one, least) for one in contenders]
    standing = sorted((place for place in places if place.note is None), key=lambda place: _order(metric, place))
    others = sorted((place for place in places if place.note is not None), key=lambda place: place.name)
    return [*_numbered(metric, standing), *others]


def _unranked(metric: Metric, one: Contender, least: int) -> Place:
    bound = wilson(one.numerator, one.n, upper=metric.better is Better.DOWN) if is_share(metric) else None
    note = INSUFFICIENT if one.value is None or one.n < least else None
    if one.newcomer and is_speed(metric):
        note = NEWCOMER
    return worded(Place(key=one.key, name=one.name, value=one.value, n=one.n, bound=bound, note=note))


def _order(metric: Metric, place: Place) -> tuple[float, str]:
    worth = place.bound if place.bound is not None else place.value
    assert worth is not None
    return (worth if metric.better is Better.DOWN else -worth), place.key


def _numbered(metric: Metric, standing: Sequence[Place]) -> list[Place]:
    found: list[Place] = []
    for number, place in enumerate(standing, 1):
        same = found and _order(metric, found[-1])[0] == _order(metric, place)[0]
        found.append(replace(place, rank=found[-1].rank if same else number))
    return found


def quadrants(contenders: Iterable[tuple[str, str, float | None, float]]) -> list[tuple[str, str, float, float, str]]:
    """Handle time × volume: (key, name, seconds, contacts, quadrant) against the medians of both.

    `swift_busy`, `swift_quiet`, `thorough_busy`, `thorough_quiet`; who handled nothing is left out.
    """
    known = list(_working(contenders))
    middle_time, middle_volume = medians(known)
    if middle_time is None or middle_volume is None:
        return []
    return [
        (
            key,
            name,
            time,
            volume,
            f"{'swift' if time <= middle_time else 'thorough'}_{'busy' if volume >= middle_volume else 'quiet'}",
        )
        for key, name, time, volume in known
    ]


def medians(contenders: Iterable[tuple[str, str, float | None, float]]) -> tuple[float | None, float | None]:
    """The medians of handle time and volume of whoever handled anything; none where nobody did."""
    known = list(_working(contenders))
    if not known:
        return None, None
    return _median([one[2] for one in known]), _median([one[3] for one in known])


def _working(contenders: Iterable[tuple[str, str, float | None, float]]) -> Iterator[tuple[str, str, float, float]]:
    for key, name, time, volume in contenders:
        if time is not None and volume > 0:
            yield key, name, time, volume


def _median(values: list[float]) -> float:
    ordered, middle = sorted(values), len(values) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
