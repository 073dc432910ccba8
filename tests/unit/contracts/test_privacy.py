"""Phone numbers stay where they were given."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts.notify import AcknowledgementRefused
from shared.contracts.privacy import mask_phones_in, without_phones
from shared.platform.ids import new_id


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("请回电13712345678谢谢", "请回电137****5678谢谢"),
        ("call +86 137-1234-5678 at noon", "call 861****5678 at noon"),
        ("on 2026-11-22 at 09:30", "on 2026-11-22 at 09:30"),
        ("extension 4321", "extension 4321"),
        (f"case {'019cb0a0-0101-7000-8000-000000010001'}", "case 019cb0a0-0101-7000-8000-000000010001"),
    ],
)
def test_what_reads_like_a_phone_number_is_hidden_and_nothing_else(written: str, left: str) -> None:
    assert mask_phones_in(written) == left


@given(st.text(alphabet="电话回拨,。 ", max_size=20), st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_no_mobile_number_survives_in_a_chinese_sentence(around: str, number: str) -> None:
    assert number not in mask_phones_in(f"{around}{number}{around}")


def test_an_event_is_cleaned_where_people_write_and_only_there() -> None:
    event = AcknowledgementRefused(
        acknowledgement_id=new_id(),
        subject_type="roster.shift_change",
        subject_id=new_id(),
        staff_no="13712345678",
        channel="link",
        reason="孩子病了, 打 13712345678",
        shown="早班",
        answered_at=datetime(2026, 3, 2, tzinfo=UTC),
    )
    clean = without_phones(event)
    assert clean.reason == "孩子病了, 打 137****5678"
    assert clean.staff_no == "13712345678", "a staff number says who it is, whatever it looks like"
    assert without_phones(clean) is clean
