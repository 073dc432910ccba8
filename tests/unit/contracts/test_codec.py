"""What is written is read again, whatever is added; what is incomplete or no event at all is Malformed, never worse."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.contracts.codec import Malformed, from_json
from shared.contracts.event import EVENTS, Envelope
from shared.contracts.roster import TeamChanged
from shared.platform.codec import decode, encode
from tests.unit.contracts.events import ENVELOPES

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.uuids().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=150)
@given(ENVELOPES)
def test_what_is_encoded_is_decoded_to_the_same(envelope: Envelope) -> None:
    assert decode(encode(envelope)) == envelope


@given(ENVELOPES, st.dictionaries(st.text(min_size=1).map(lambda name: "x_" + name), JUNK))
def test_unknown_fields_are_ignored(envelope: Envelope, surprise: dict[str, Any]) -> None:
    raw = json.loads(encode(envelope))
    raw["data"] |= surprise
    assert decode(json.dumps(raw | surprise).encode()) == envelope


@given(ENVELOPES, st.sampled_from(sorted(EVENTS)))
def test_another_type_that_is_named_before_an_events_own_is_not_taken_for_it(envelope: Envelope, other: str) -> None:
    raw = {"x_about": {"type": other}} | json.loads(encode(envelope))
    assert decode(json.dumps(raw).encode()) == envelope


@given(ENVELOPES, st.data())
def test_a_missing_attribute_is_malformed(envelope: Envelope, data: st.DataObject) -> None:
    raw = json.loads(encode(envelope))
    required = sorted(raw.keys() - {"datacontenttype", "causationid", "traceparent"})
    del raw[data.draw(st.sampled_from(required))]
    with pytest.raises(Malformed):
        decode(json.dumps(raw).encode())


@pytest.mark.parametrize("type_", sorted(EVENTS))
def test_a_missing_required_field_is_malformed(type_: str) -> None:
    with pytest.raises(Malformed, match="missing"):
        from_json(EVENTS[type_], {})


@settings(max_examples=200)
@given(ENVELOPES, st.data())
def test_a_field_that_does_not_fit_is_malformed_or_still_an_event(envelope: Envelope, data: st.DataObject) -> None:
    raw = json.loads(encode(envelope))
    place = raw["data"] if data.draw(st.booleans()) else raw
    place[data.draw(st.sampled_from(sorted(place)))] = data.draw(JUNK)
    body = json.dumps(raw).encode()
    try:
        read = decode(body)
    except Malformed:
        return
    assert decode(encode(read)) == read


@settings(max_examples=200)
@given(st.binary(max_size=60) | JUNK.map(lambda junk: json.dumps(junk).encode()))
def test_junk_is_malformed(body: bytes) -> None:
    with pytest.raises(Malformed):
        decode(body)


def team(**changed: object) -> bytes:
    raw = {
        "specversion": "1.0",
        "id": "019cb0a0-0001-7000-8000-000000000001",
        "source": "/roster",
        "type": TeamChanged.type,
        "subject": "019cb0a0-0001-7000-8000-000000000001",
        "time": "2026-03-02T01:00:00Z",
        "sequence": 1,
        "correlationid": "c",
        "data": {
            "team_id": "019cb0a0-0001-7000-8000-000000000001",
            "code": "A",
            "name": "热线一组",
            "zone": "Asia/Shanghai",
        },
    }
    return json.dumps(raw | changed).encode()


@pytest.mark.parametrize(
    "changed",
    [
        {"specversion": "0.3"},
        {"type": "roster.team.changed.v9"},
        {"type": ["roster.team.changed.v1"]},
        {"time": "2026-03-02T01:00:00"},
        {"time": "9999-12-31T23:59:59-14:00"},
        {"sequence": True},
        {"sequence": float("inf")},
        {"sequence": "1"},
        {"subject": 5},
        {"correlationid": "\ud800"},
        {"data": []},
        {"data": None},
    ],
)
def test_an_envelope_with_a_wrong_attribute_is_malformed(changed: dict[str, object]) -> None:
    assert decode(team()).data.subject is not None
    with pytest.raises(Malformed):
        decode(team(**changed))


def test_deep_nesting_is_malformed() -> None:
    with pytest.raises(Malformed):
        decode(b"[" * 200_000)
