"""SLA policies: what is due when, for whom, on whose calendar; each change makes a new version.

The terms of hand-offs stand here too: how long a receiver has to accept, how the silent are chased.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts.refusal import Fault, Refusal

TARGETS = ("first_response", "next_update", "resolution")
PAUSING_STATES = ("waiting_customer", "waiting_team")
STANDARD = "standard"
"""The policy and the calendar of whoever names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is due within so many working seconds; for one quadrant (1-4) or tier only, when given."""

    target: str
    seconds: int
    quadrant: int | None = None
    tier: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoffTerms:
    """Working minutes and days of a hand-off on the receiver's calendar.

    `ack_minutes` to accept, then a step every `chase_minutes`; `work_days` to answer, then a step every
    `overdue_minutes`; `progress_minutes` to say where it stands. The sender has `word_minutes` on its own calendar to
    pass what it heard on to the customer.
    """

    ack_minutes: int = 60
    chase_minutes: int = 30
    work_days: int = 3
    overdue_minutes: int = 240
    progress_minutes: int = 120
    word_minutes: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of a policy, in force from `since`. `calendar` none: the calendar of the case's team.

    `warn_percent` of a target passed warns; breach is level 1, each of `escalate_after_minutes` (working ones after the
    breach) one level more. Clocks of next updates and resolutions stand still in the `pauses` states.
    """

    policy_id: UUID
    code: str
    name: str
    version: int
    since: datetime
    calendar: str | None = None
    targets: tuple[Target, ...] = ()
    warn_percent: tuple[int, ...] = (75,)
    escalate_after_minutes: tuple[int, ...] = (60, 240)
    pauses: tuple[str, ...] = ("waiting_customer",)
    handoff: HandoffTerms = HandoffTerms()


def require_sound(policy: Policy) -> Policy:
    """Refuse a policy that says one thing twice."""
    seen: set[tuple[Any, ...]] = set()
    faults = []
    for place, target in enumerate(policy.targets):
        key = (target.target, target.quadrant, target.tier)
        if key in seen:
            faults.append(Fault(f"targets.{place}", "sla-target-twice", {}))
        seen.add(key)
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))
    return replace(
        policy,
        warn_percent=tuple(sorted(set(policy.warn_percent))),
        escalate_after_minutes=tuple(sorted(set(policy.escalate_after_minutes))),
    )


def revised(policy: Policy, *, seen_version: int, now: datetime, changes: dict[str, Any]) -> Policy:
    """The next version of a policy; `stale-version` when somebody changed it since the caller looked."""
    if policy.version != seen_version:
        raise Refusal("stale-version", current=policy.version)
    return require_sound(replace(policy, **changes, version=policy.version + 1, since=now))


def target_for(targets: Sequence[Target], name: str, *, quadrant: int, tier: str | None) -> Target | None:
    """The target that fits best: one for this tier beats one for this quadrant, which beats one for all."""
    fitting = [
        target
        for target in targets
        if target.target == name and target.quadrant in (None, quadrant) and target.tier in (None, tier)
    ]
    return max(fitting, key=lambda one: (one.tier is not None, one.quadrant is not None), default=None)
