"""Which event makes which facts. Each event carries enough for the whole fact, so the order of arrival is nothing.

Where a matter's events each tell another part of it, every part is a fact of its own.
"""

from services.kpi.domain.sources.cases import CASES
from services.kpi.domain.sources.contact import CONTACTS
from services.kpi.domain.sources.roster import ROSTER
from services.kpi.domain.sources.source import Source, Sources
from shared.contracts.event import Event

FACTS: dict[type[Event], Sources] = {**CONTACTS, **ROSTER, **CASES}

__all__ = ["FACTS", "Source", "Sources"]
