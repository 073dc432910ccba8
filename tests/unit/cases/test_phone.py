"""Phone numbers: one form however they are written, and a masked one that tells nobody whose they are."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.phone import mask_phone, normalise_phone
from shared.contracts.refusal import Refusal

mobiles = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)
fixed_lines = st.from_regex(r"0(?:10|2[0-9])[2-8][0-9]{7}|0[3-9][0-9]{2}[2-8][0-9]{6,7}", fullmatch=True)
foreign = st.from_regex(r"\+(?!86)[1-79][0-9]{7,14}", fullmatch=True)


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("138 0013 8000", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("0086 13800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("010-12345678", "+861012345678"),
        ("(0755) 2345 6789", "+8675523456789"),
        ("+86 (0)21 6234 5678", "+862162345678"),
        ("400-820-8820", "+864008208820"),
        ("+1 (415) 555-2671", "+14155552671"),
    ],
)
def test_a_number_has_one_form_however_it_is_written(written: str, number: str) -> None:
    assert normalise_phone(written) == number


@pytest.mark.parametrize("written", ["", "12345", "1380013800", "138001380001", "+0123456789", "abc", "+86 123", "²³"])
def test_what_is_no_number_is_refused(written: str) -> None:
    with pytest.raises(Refusal, match="phone-invalid"):
        normalise_phone(written)


@given(mobiles | fixed_lines | foreign)
def test_a_normalised_number_is_normal(written: str) -> None:
    number = normalise_phone(written)
    assert normalise_phone(number) == number


@given(mobiles, st.lists(st.sampled_from(" -().\t"), min_size=11, max_size=11))
def test_punctuation_does_not_matter(digits: str, marks: list[str]) -> None:
    written = "".join(digit + mark for digit, mark in zip(digits, marks, strict=True))
    assert normalise_phone(written) == f"+86{digits}"


@given(st.text(max_size=40))
def test_any_text_is_a_number_or_refused(written: str) -> None:
    with suppress(Refusal):
        assert normalise_phone(written).startswith("+")


@given(mobiles)
def test_a_masked_mobile_shows_its_ends_only(digits: str) -> None:
    assert mask_phone(f"+86{digits}") == f"{digits[:3]}****{digits[7:]}"


@given(mobiles | fixed_lines | foreign)
def test_a_masked_number_hides_four_digits_and_cannot_be_stored_again(written: str) -> None:
    masked = mask_phone(normalise_phone(written))
    assert masked.count("*") == 4
    with pytest.raises(Refusal):
        normalise_phone(masked)


@pytest.mark.parametrize(
    ("number", "masked"),
    [("+8613800138000", "138****8000"), ("+861012345678", "010****5678"), ("+14155552671", "+141****2671")],
)
def test_masked_numbers_look_as_people_dial_them(number: str, masked: str) -> None:
    assert mask_phone(number) == masked
