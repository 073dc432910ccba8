"""Contacts: codes that prove them, the order they are tried in, and what others see of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.domain import contact
from services.notify.domain.contact import GROUP_CHANNELS, PERSONAL_CHANNELS, Contact, channels_for, in_order
from services.notify.domain.pace import DIGEST_FROM, Pace
from shared.contracts.refusal import Refusal

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)


def a_contact(channel: str = "sms", *, proved: bool = False) -> Contact:
    at = NOW if proved else None
    return Contact(
        contact_id=UUID(int=1),
        staff_no="A001",
        channel=channel,
        address="x",
        added_at=NOW,
        added_by="A001",
        verified_at=at,
    )


def test_a_code_can_be_entered_for_ten_minutes() -> None:
    coded = contact.with_code(a_contact(), [], NOW)
    late = NOW + timedelta(minutes=10)
    assert contact.tried(coded, right=True, by="A001", now=late - timedelta(seconds=1)).verified_at
    with pytest.raises(Refusal, match="code-expired"):
        contact.tried(coded, right=True, by="A001", now=late)
    with pytest.raises(Refusal, match="code-expired"):
        contact.tried(a_contact(), right=True, by="A001", now=NOW)


def test_five_wrong_codes_are_the_end_of_it_until_a_new_one() -> None:
    coded = contact.with_code(a_contact(), [], NOW)
    for _ in range(5):
        coded = contact.tried(coded, right=False, by="A001", now=NOW)
    with pytest.raises(Refusal, match="code-expired"):
        contact.tried(coded, right=True, by="A001", now=NOW)
    fresh = contact.with_code(coded, [NOW], NOW + timedelta(minutes=1))
    assert contact.tried(fresh, right=True, by="A001", now=NOW + timedelta(minutes=1)).verified_by == "A001"


def test_codes_are_a_minute_apart_and_ten_a_day() -> None:
    with pytest.raises(Refusal, match="code-too-soon") as soon:
        contact.with_code(a_contact(), [NOW - timedelta(seconds=20)], NOW)
    assert soon.value.params["retry_after"] == 41
    ten = [NOW - timedelta(hours=23) + timedelta(minutes=n) for n in range(10)]
    with pytest.raises(Refusal, match="code-too-soon") as enough:
        contact.with_code(a_contact(), ten, NOW)
    assert enough.value.params["retry_after"] == 3601
    assert contact.with_code(a_contact(), ten[1:], NOW).code_number == 1


def test_a_group_is_vouched_for_and_never_proved_by_a_code() -> None:
    for channel in GROUP_CHANNELS:
        with pytest.raises(Refusal, match="contact-needs-vouching"):
            contact.with_code(a_contact(channel), [], NOW)


@given(st.sets(st.sampled_from([*PERSONAL_CHANNELS, *GROUP_CHANNELS])), st.lists(st.sampled_from(PERSONAL_CHANNELS)))
def test_every_own_channel_comes_once_and_wishes_first(proved: set[str], wanted: list[str]) -> None:
    ordered = in_order(proved, wanted)
    assert sorted(ordered) == sorted(proved - set(GROUP_CHANNELS))
    wished = [name for name in dict.fromkeys(wanted) if name in proved]
    assert list(ordered[: len(wished)]) == wished


def test_a_message_goes_to_the_inbox_one_own_channel_and_the_groups() -> None:
    known = [a_contact(name, proved=True) for name in ("email", "wecom", "wecom_group")] + [a_contact("sms")]
    assert channels_for(known, (), ()) == ("inbox", "wecom", "wecom_group")
    assert channels_for(known, ("email",), ()) == ("inbox", "email", "wecom_group")
    assert channels_for(known, (), {"inbox", "wecom", "wecom_group"}) == ("inbox", "email")
    assert channels_for(known, (), {"wecom", "email", "wecom_group"}) == ("inbox",)
    assert channels_for([a_contact("sms")], (), ()) == ("inbox",)


@given(st.lists(st.integers(), unique=True), st.integers(1, 20))
def test_a_digest_loses_and_repeats_nothing(waiting: list[int], together: int) -> None:
    bundles = Pace(30, together=together).bundled(waiting)
    assert [one for bundle in bundles for one in bundle] == waiting
    assert all(0 < len(bundle) <= together for bundle in bundles)
    if len(waiting) < DIGEST_FROM:
        assert all(len(bundle) == 1 for bundle in bundles)
