"""How a value stands to its target: attainment in percent, the tier it makes, and how groups spread over the tiers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from services.kpi.domain.metric import Better
from shared.contracts.refusal import Fault, Refusal

MOST = 200.0
"""Attainment is not told beyond this."""

TIERS = ("excellent", "good", "ok", "below")
INTENDED = {"excellent": 10.0, "good": 25.0, "ok": 55.0, "below": 10.0}
"""Few, some, most, few: the shares, in percent, that a well-set target makes."""

FIRST_SHARE = 0.6
"""A first target starts low: this share of the groups already reaches it."""
ROUND_SHARE = 0.4
"""A round raises it to what this share reaches, but never by more than `ROUND_MOST`."""
ROUND_MOST = 0.1


@dataclass(frozen=True, slots=True)
class Tiers:
    """From which attainment (percent of the target) a tier begins; what is less than `ok` is below."""

    excellent: float = 120.0
    good: float = 100.0
    ok: float = 90.0

    def __post_init__(self) -> None:
        if not MOST >= self.excellent > self.good > self.ok > 0:
            raise Refusal("tiers-out-of-order", faults=(Fault("tiers", "tiers-out-of-order", {}),))

    def of(self, attainment: float | None) -> str | None:
        """The tier of an attainment; none of none."""
        if attainment is None:
            return None
        steps = ((self.excellent, "excellent"), (self.good, "good"), (self.ok, "ok"))
        return next((tier for least, tier in steps if attainment >= least), "below")


@dataclass(frozen=True, slots=True)
class TierShare:
    """How many groups are in a tier, their share, and the share intended; percent."""

    tier: str
    count: int
    share: float | None
    intended: float


def attainment(value: float | None, target: float, better: str) -> float | None:
    """How much of its target a value is, in percent: value / target where more is better, target / value where less is.

    At most 200; none for no value.
    """
    if value is None:
        return None
    if better == Better.UP:
        return min(MOST, max(0.0, value * 100 / target))
    return min(MOST, target * 100 / value) if value > 0 else MOST


def distribution(tiers: Iterable[str | None]) -> list[TierShare]:
    """How groups spread over the tiers, beside what was intended; groups without a value are left out."""
    found = Counter(tier for tier in tiers if tier)
    total = sum(found.values())
    return [
        TierShare(tier, found[tier], found[tier] * 100 / total if total else None, INTENDED[tier]) for tier in TIERS
    ]


def first_target(values: Iterable[float], better: str) -> float | None:
    """Where a first target should start: what six in ten groups reach already; none without groups."""
    return _reached_by(FIRST_SHARE, values, better)


def next_target(current: float, values: Iterable[float], better: str) -> float | None:
    """Where the next round should go: what four in ten reach, at most a tenth harder than now, and never easier."""
    wanted = _reached_by(ROUND_SHARE, values, better)
    if wanted is None:
        return None
    if better == Better.UP:
        return min(max(wanted, current), current * (1 + ROUND_MOST))
    return max(min(wanted, current), current * (1 - ROUND_MOST))


def _reached_by(share: float, values: Iterable[float], better: str) -> float | None:
    ranked = sorted(values, reverse=better == Better.UP)
    return ranked[max(0, min(len(ranked) - 1, round(len(ranked) * share) - 1))] if ranked else None
