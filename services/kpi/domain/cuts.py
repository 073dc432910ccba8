"""Where a distribution of waits can be cut: the service level's X, and what counts as a short abandon.

The usual cuts are counted with each contact and stand in the rollups, so the service levels that everybody watches are
as quick as any rate. Any other cut is counted from the facts, which keep every wait to the millisecond. That is exact
for every X; bins could be so only with one for each second, which at a rollup's detail are as many rows as the facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Cut(StrEnum):
    """What an asker may set, in seconds: a wait is quick when at most the threshold, an abandon short when below."""

    THRESHOLD = "threshold"
    SHORT = "short"


USUAL: dict[Cut, int] = {Cut.THRESHOLD: 20, Cut.SHORT: 5}
"""What is meant when nothing is said. Counted in the rollups: a change needs new versions of the facts."""


def longest_ms(cut: Cut, settings: Mapping[Cut, int]) -> int:
    """The longest duration that a cut includes."""
    return settings[cut] * 1000 - (cut is Cut.SHORT)
