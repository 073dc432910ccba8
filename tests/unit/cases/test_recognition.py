"""Recognising a customer: however a hint is written, and never for somebody else."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from services.cases.domain.customer import Identity
from services.cases.domain.recognition import WORDS, Hint, key_of, keys_of_visitor, plain, read_hint
from shared.contracts.refusal import Refusal

words = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=20)
noise = st.text(" -_·./，。", max_size=3)


@given(words, noise, noise, st.sampled_from(WORDS))
def test_width_case_blanks_and_punctuation_do_not_matter(word: str, before: str, after: str, kind: str) -> None:
    assume(plain(word) and len(word.upper()) == len(word))  # a word at its longest may not grow, as ß does
    hint = read_hint(Hint(kind, f"{before}{word.upper()}{after}"))
    said = word.upper()
    assert key_of(hint) in keys_of_visitor([], [], [said])


@given(words, words)
def test_another_word_recognises_nobody(word: str, other: str) -> None:
    assume(plain(word) != plain(other))
    hint = Hint("order", word)
    assert key_of(hint) not in keys_of_visitor([], [], [other])


@given(words, st.data())
def test_any_part_of_a_name_recognises(name: str, data: st.DataObject) -> None:
    folded = plain(name)
    assume(folded)
    start = data.draw(st.integers(0, len(folded) - 1))
    end = data.draw(st.integers(start + 1, len(folded)))
    found = keys_of_visitor([], [name], [])
    assume(end <= 20)
    assert found[key_of(Hint("name", folded[start:end]))] == "name"


def test_an_identity_is_read_as_customers_are() -> None:
    hint = read_hint(Hint("Phone", "138 0013 8000"))
    assert hint == Hint("phone", "+8613800138000")
    assert keys_of_visitor([Identity("phone", "+8613800138000")], [], []) == {key_of(hint): "phone"}
    with pytest.raises(Refusal, match="phone-invalid"):
        read_hint(Hint("phone", "12"))
    with pytest.raises(Refusal, match="text-too-short"):
        read_hint(Hint("word", "···"))


def test_a_word_is_not_an_identity() -> None:
    assert key_of(Hint("wechat", "wang")) not in keys_of_visitor([], [], ["wang"])
