"""How a person wishes to be reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from services.notify.domain.contact import PERSONAL_CHANNELS
from services.notify.domain.quiet import QuietHours
from shared.contracts.refusal import Fault, Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Channels in the order to try them, quiet hours on the wall clock of `zone`, and a language of their own."""

    staff_no: str
    channels: tuple[str, ...]
    quiet_from: time | None
    quiet_until: time | None
    zone: str | None
    language: str | None
    changed_at: datetime
    changed_by: str
    version: int

    @property
    def quiet(self) -> QuietHours | None:
        """The quiet hours, when there are any."""
        if self.quiet_from is None or self.quiet_until is None or self.zone is None:
            return None
        return QuietHours(self.quiet_from, self.quiet_until, self.zone)


def require_sensible(
    *, channels: Sequence[str], quiet_from: time | None, quiet_until: time | None, zone: str | None
) -> None:
    """Refuse a channel named twice or unknown, half a pair of quiet hours, a whole day of them, and unknown zones."""
    faults = [
        Fault(f"channels.{place}", "channel-unknown", {"channel": name})
        for place, name in enumerate(channels)
        if name not in PERSONAL_CHANNELS or name in channels[:place]
    ]
    if (quiet_from is None) != (quiet_until is None) or (quiet_from is not None and quiet_from == quiet_until):
        faults.append(Fault("quiet_until", "quiet-hours-invalid", {}))
    if zone is not None and not _is_zone(zone):
        faults.append(Fault("zone", "zone-unknown", {"zone": zone}))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return False
    return True
