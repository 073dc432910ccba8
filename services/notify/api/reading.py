"""What a caller may see of answer links."""

from __future__ import annotations

from services.notify.queries.messages import Reading
from shared.platform.door import Door


def reading_of(door: Door) -> Reading:
    """The caller as a reader of messages; links and settings are the application's."""
    state = door.request.app.state
    return Reading(door.actor, state.links, state.captured)
