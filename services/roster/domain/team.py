"""A team: its zone, who leads it, and the times by which its people are asked and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from shared.contracts.refusal import Fault, Refusal
from shared.contracts.roster import TeamChanged


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamSettings:
    """What a team decides for itself.

    A change is to be confirmed within `confirm_within_minutes` of publication and `min_notice_minutes` before the first
    affected start; a deadline does not fall into the quiet hours. A shift is settled `grace_minutes` after its end;
    up to `tolerance_minutes` late or early are no deviation. Accepted swaps wait for a lead (`swap_approval` is `lead`)
    or count at once (`auto`). Approved leave writes `leave_code` into the sheet, or empties the day.
    """

    confirm_within_minutes: int = 720
    min_notice_minutes: int = 120
    quiet_from: time = time(22)
    quiet_to: time = time(8)
    grace_minutes: int = 10
    tolerance_minutes: int = 5
    swap_approval: str = "lead"
    leave_code: str | None = None


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
    times = {name: time.fromisoformat(raw[name]) for name in ("quiet_from", "quiet_to") if name in raw}
    return TeamSettings(**{**raw, **times})


def settings_json(settings: TeamSettings) -> dict[str, Any]:
    """Settings in their stored form."""
    plain = asdict(settings)
    return plain | {"quiet_from": f"{settings.quiet_from:%H:%M}", "quiet_to": f"{settings.quiet_to:%H:%M}"}


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
