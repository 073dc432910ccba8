"""Events: frozen dataclasses named `<service>.<noun>.<past_verb>.v<N>`, registered by class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeVar
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened. Subclasses hold the ids and facts a consumer needs, as they were then."""

    type: ClassVar[str]
    subject_field: ClassVar[str]

    @property
    def subject(self) -> UUID:
        """The id of the aggregate this happened to."""
        subject: UUID = getattr(self, self.subject_field)
        return subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An event on its way: CloudEvents 1.0 attributes around the data.

    `sequence` is the aggregate's version after the event; within one subject it only grows.
    """

    id: UUID
    source: str
    type: str
    subject: UUID
    time: datetime
    sequence: int
    data: Event
    correlation_id: str
    causation_id: str | None = None
    traceparent: str | None = None


EVENTS: dict[str, type[Event]] = {}

E = TypeVar("E", bound=type[Event])


def event(type_: str, *, subject: str) -> Callable[[E], E]:
    """Register an event class under its type (= routing key); `subject` names the field with the aggregate's id."""

    def register(cls: E) -> E:
        if type_ in EVENTS:
            raise ValueError(f"event type declared twice: {type_}")
        cls.type = type_
        cls.subject_field = subject
        EVENTS[type_] = cls
        return cls

    return register
