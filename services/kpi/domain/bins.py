"""Percentiles from logarithmic bins, which merge and retract exactly: a bin is a count like any other.

The mapping is DDSketch's (Masson, Rim, Lee 2019) for whole milliseconds: a bin's highest value is at most (1+α)/(1−α)
times its lowest, so its middle is within α = 1 % of every value in it. Bins also break at every whole second up to five
minutes, so that counting what lies within such a second is exact.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping

from services.kpi.domain.fact import LONGEST_SECONDS

EXACT_TO_SECONDS = 300


def _logarithmic() -> Iterator[int]:
    low = 0
    while low <= LONGEST_SECONDS * 1000:
        yield low
        low = low * 101 // 99 + 1


def _whole_seconds() -> Iterator[int]:
    """Up to a second inclusively is below the next millisecond; less than a second is below the second."""
    for second in range(EXACT_TO_SECONDS + 1):
        yield from (second * 1000, second * 1000 + 1)


LOWEST: tuple[int, ...] = tuple(sorted({*_logarithmic(), *_whole_seconds()}))
"""The lowest value of each bin, in ms; bins count from 1. Stored counts go by it, so it never changes."""


def bin_of(value_ms: int) -> int:
    """The bin of a duration."""
    return bisect_right(LOWEST, value_ms)


def middle_ms(bin_: int) -> float:
    """The value within 1 % of all that a bin can hold."""
    low = LOWEST[bin_ - 1]
    high = LOWEST[bin_] - 1 if bin_ < len(LOWEST) else low
    return 2 * low * high / (low + high) if low < high else float(low)


def last_bin_within(longest_ms: int) -> int | None:
    """The last bin of those that hold exactly the durations up to this one; none where a bin would have to be cut."""
    found = bin_of(longest_ms)
    return found if found < len(LOWEST) and LOWEST[found] == longest_ms + 1 else None


def percentile_bin(counts: Mapping[int, int], percent: int) -> int | None:
    """The bin that holds the percentile by the nearest rank: the smallest below which that many percent lie."""
    rank, passed = -(-sum(counts.values()) * percent // 100), 0
    for bin_ in sorted(counts):
        passed += counts[bin_]
        if passed >= rank and passed:
            return bin_
    return None
