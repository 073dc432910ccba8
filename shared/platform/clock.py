"""Time is injected. Nothing else in the product asks the machine what time it is."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class DevelopmentClock:
    """The machine's clock moved forward by hand; a file keeps the offset so that a restart does not turn time back."""

    def __init__(self, kept_in: Path | None = None) -> None:
        self._kept_in = kept_in
        self._offset = timedelta()
        if kept_in and kept_in.exists():
            self._offset = timedelta(seconds=json.loads(kept_in.read_text())["offset_seconds"])

    def now(self) -> datetime:
        return datetime.now(UTC) + self._offset

    def move_to(self, instant: datetime) -> None:
        """Move forward to `instant`; an instant that has passed changes nothing."""
        self._offset += max(instant - self.now(), timedelta())
        if self._kept_in:
            self._kept_in.write_text(json.dumps({"offset_seconds": self._offset.total_seconds()}))
