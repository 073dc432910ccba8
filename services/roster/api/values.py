"""Values that many requests have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime


def _sane(moment: datetime) -> datetime:
    if not datetime(2000, 1, 1, tzinfo=UTC) <= moment <= datetime(2200, 1, 1, tzinfo=UTC):
        raise ValueError("an instant between 2000 and 2200")
    return moment.astimezone(UTC)


Instant = Annotated[AwareDatetime, AfterValidator(_sane)]
"""A time with its offset, in the years 2000 to 2200, as UTC."""
