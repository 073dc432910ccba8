"""Arbitrary events of every type, for property tests."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import UTC, date, datetime
from typing import Any, Union
from uuid import UUID

from hypothesis import strategies as st

from shared.contracts import EVENTS
from shared.contracts.event import Envelope, Event

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)
INSTANTS = st.datetimes(timezones=st.just(UTC))

SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    str: TEXTS,
    int: st.integers(-(2**63), 2**63 - 1),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    UUID: st.uuids(),
    datetime: INSTANTS,
    date: st.dates(),
}


def values(hint: Any) -> st.SearchStrategy[Any]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (Union, types.UnionType):
        return st.none() | values(next(argument for argument in arguments if argument is not type(None)))
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if dataclasses.is_dataclass(hint):
        return instances(hint)
    return SCALARS[hint]


def instances(cls: Any) -> st.SearchStrategy[Any]:
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{field.name: values(hints[field.name]) for field in dataclasses.fields(cls)})


def envelopes_of(event: Event) -> st.SearchStrategy[Envelope]:
    return st.builds(
        Envelope,
        id=st.uuids(),
        source=st.just("/" + event.type.split(".")[0]),
        type=st.just(event.type),
        subject=st.just(event.subject),
        time=INSTANTS,
        sequence=st.integers(1, 2**31),
        data=st.just(event),
        correlation_id=TEXTS,
        causation_id=st.none() | TEXTS,
        traceparent=st.none() | TEXTS,
    )


EVENTS_OF_ANY_TYPE = st.sampled_from(sorted(EVENTS)).flatmap(lambda type_: instances(EVENTS[type_]))
ENVELOPES = EVENTS_OF_ANY_TYPE.flatmap(envelopes_of)
