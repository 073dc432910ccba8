"""Words are cut into pairs of characters; phone numbers are hidden in texts that leave the service."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from services.cases.domain.search import grams_of
from shared.contracts.privacy import mask_phones_in


@pytest.mark.parametrize(
    ("text", "grams"),
    [
        ("退款未到", ["退款", "款未", "未到"]),
        ("Wi-Fi 慢", ["wi", "fi", "慢"]),
        ("ＡＢ", ["ab"]),
        ("C20-42", ["c2", "20", "42"]),
        ("，。 ", []),
    ],
)
def test_pairs_of_a_text(text: str, grams: list[str]) -> None:
    assert grams_of(text) == grams


@given(st.text(max_size=60), st.integers(0, 59), st.integers(2, 20))
def test_whatever_stands_within_one_word_is_found(text: str, start: int, length: int) -> None:
    word = "".join(character for character in text if character.isalnum())
    part = word[start : start + length]
    if len(part) >= 2 and part.isascii():
        assert set(grams_of(part)) <= set(grams_of(f"前 {word} 后"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请回 138 0013 8000", "请回 138****8000"),
        ("+86 13800138000。", "861****8000。"),
        ("座机 010-12345678", "座机 010****5678"),
        ("案件 C20261122-0042 于 2026-03-02 09:00", "案件 C20261122-0042 于 2026-03-02 09:00"),
        ("短号 12345", "短号 12345"),
    ],
)
def test_phone_numbers_in_a_text_are_hidden(text: str, shown: str) -> None:
    assert "13800138000" not in mask_phones_in(text)
    assert mask_phones_in(text) == shown
