"""What an event says, in words: the fields that templates may name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.notify.domain import figures, shift_change
from services.notify.domain.local_time import day, moment, zone_of
from services.notify.domain.said import said
from shared.contracts.codec import from_json
from shared.contracts.event import EVENTS, Event
from shared.contracts.roster import Cell, ShiftChangeFact

COMMON = frozenset({"name", "staff_no", "team", "deadline", "passed"})
"""Fields of every message: the reader or the person asked, their team, until when, and who could not be told."""

_OF_A_CHANGE = frozenset({"days", "note", "first_start", "resolution", "reason", "number"})


def facts_of(event: Event, zone: str, language: str) -> dict[str, str]:
    """What an event says, field by field; times in `zone`."""
    if isinstance(event, ShiftChangeFact):
        return shift_change.facts(event, zone, language)
    found = {one.name: _text(getattr(event, one.name), zone, language) for one in fields(event)}
    return found | figures.facts(event, zone, language) if isinstance(event, figures.Figures) else found


def facts_in(event_type: str, content: Mapping[str, Any], zone: str, language: str) -> dict[str, str]:
    """What a question is about, from the event as it was kept, or from a broadcast's own words."""
    if event_type in EVENTS:
        return facts_of(from_json(EVENTS[event_type], dict(content)), zone, language)
    return {name: value for name, value in content.items() if isinstance(value, str)}


def fields_of(event_type: str) -> frozenset[str]:
    """The fields that a template for this event may name."""
    if event_type not in EVENTS:
        return COMMON | {"title", "body", "by"}
    if issubclass(EVENTS[event_type], ShiftChangeFact):
        return COMMON | _OF_A_CHANGE
    return COMMON | {one.name for one in fields(EVENTS[event_type])}


def _text(value: Any, zone: str, language: str) -> str:
    if isinstance(value, bool):
        return said("yes" if value else "no", language)
    if isinstance(value, datetime):
        return moment(value, zone_of(zone), language)
    if isinstance(value, date):
        return day(value, language)
    if isinstance(value, Cell):
        return str(shift_change.shown(value, zone_of(zone), language))
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return ("、" if language == "zh-CN" else ", ").join(_text(one, zone, language) for one in value)
    if value is None or isinstance(value, UUID):
        return "" if value is None else str(value)
    if isinstance(value, int):
        return str(value)
    return said(value, language) if isinstance(value, str) else str(getattr(value, "name", ""))
