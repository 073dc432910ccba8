"""A team: its zone, who leads it, and the times by which its people are asked and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import TeamChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckLevels:
    """How much each check of a draft weighs: `off`, `warning`, or `error` (stops publication)."""

    overlap: str = "error"
    code: str = "error"
    employment: str = "error"
    team: str = "error"
    leave: str = "error"
    contact: str = "error"
    escalation: str = "error"
    rest: str = "warning"
    weekly_hours: str = "warning"
    consecutive_days: str = "warning"
    headcount: str = "warning"
    short_notice: str = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """At least so many `agents` at work at every moment of an interval, on these weekdays (1 Monday … 7 Sunday).

    The interval crosses midnight when it ends no later than it starts.
    """

    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    starts: time
    ends: time
    agents: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSettings:
    """What a team decides for itself.

    A change is to be confirmed within `confirm_within_minutes` of publication and `min_notice_minutes` before the first
    affected start; a deadline does not fall into the quiet hours. A shift is settled `grace_minutes` after its end;
    up to `tolerance_minutes` late or early are no deviation. Accepted swaps wait for a lead (`swap_approval` is `lead`)
    or count at once (`auto`). Approved leave writes `leave_code` into the sheet, or empties the day. Leave, corrections
    and swaps are to be decided within `decide_within_minutes`.

    What a draft is checked against: rest between two shifts, hours in a calendar week (breaks not counted), days of
    work in a row, time left before the first affected start, and the agents needed at work; `checks` says how much each
    check weighs.
    """

    confirm_within_minutes: int = 720
    min_notice_minutes: int = 120
    quiet_from: time = time(22)
    quiet_to: time = time(8)
    grace_minutes: int = 10
    tolerance_minutes: int = 5
    swap_approval: str = "lead"
    leave_code: str | None = None
    decide_within_minutes: int = 1_440
    min_rest_minutes: int = 660
    max_weekly_minutes: int = 2_880
    max_consecutive_days: int = 6
    short_notice_minutes: int = 720
    headcount: tuple[Headcount, ...] = ()
    checks: CheckLevels = field(default_factory=CheckLevels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team as it is now; `lead` and `supervisor` are staff numbers."""

    team_id: UUID
    code: str
    name: str
    zone: str = "Asia/Shanghai"
    lead: str | None = None
    supervisor: str | None = None
    parent_id: UUID | None = None
    settings: TeamSettings = field(default_factory=TeamSettings)
    version: int = 1
    updated_at: datetime

    @property
    def tz(self) -> ZoneInfo:
        """The zone in which its sheet is read."""
        return ZoneInfo(self.zone)

    def is_led_by(self, staff_no: str | None) -> bool:
        """Whether that person is its lead or supervisor."""
        return staff_no is not None and staff_no in (self.lead, self.supervisor)


def team_from(record: Any) -> Team:
    """A team from its stored record."""
    return Team(**{**record, "settings": settings_from(record["settings"])})


def settings_from(raw: Mapping[str, Any]) -> TeamSettings:
    """Settings from their stored form."""
    read: dict[str, Any] = {name: time.fromisoformat(raw[name]) for name in ("quiet_from", "quiet_to") if name in raw}
    read["headcount"] = tuple(_headcount_from(one) for one in raw.get("headcount", ()))
    read["checks"] = CheckLevels(**raw.get("checks", {}))
    return TeamSettings(**{**raw, **read})


def _headcount_from(raw: Mapping[str, Any]) -> Headcount:
    starts, ends = time.fromisoformat(raw["starts"]), time.fromisoformat(raw["ends"])
    return Headcount(weekdays=tuple(raw["weekdays"]), starts=starts, ends=ends, agents=raw["agents"])


def changed_settings(settings: TeamSettings, given: Mapping[str, Any]) -> TeamSettings:
    """Settings with what is given of them; levels of checks one by one, the headcount as a whole."""
    told = dict(given)
    if "headcount" in told:
        told["headcount"] = tuple(_sound_headcount(one) for one in told["headcount"])
    told["checks"] = replace(settings.checks, **told.get("checks", {}))
    return replace(settings, **told)


def _sound_headcount(given: Mapping[str, Any]) -> Headcount:
    need = Headcount(**given)
    return replace(need, weekdays=tuple(sorted(set(need.weekdays))))


def settings_json(settings: TeamSettings) -> dict[str, Any]:
    """Settings in their stored form."""
    headcount = [
        asdict(one) | {"starts": f"{one.starts:%H:%M}", "ends": f"{one.ends:%H:%M}"} for one in settings.headcount
    ]
    times = {"quiet_from": f"{settings.quiet_from:%H:%M}", "quiet_to": f"{settings.quiet_to:%H:%M}"}
    return asdict(settings) | times | {"headcount": headcount}


def require_zone(zone: str) -> None:
    """Refuse with `zone-unknown` what is no IANA zone."""
    try:
        ZoneInfo(zone)
    except (OSError, KeyError, ValueError) as error:
        raise Refusal("zone-unknown", faults=(Fault("zone", "zone-unknown", {"zone": zone}),), zone=zone) from error


def team_changed(team: Team) -> TeamChanged:
    """The news of a new or changed team."""
    return TeamChanged(
        team_id=team.team_id,
        code=team.code,
        name=team.name,
        zone=team.zone,
        lead=team.lead,
        supervisor=team.supervisor,
        parent_id=team.parent_id,
    )
