"""What customers are recognised by, told apart and kept from those who need not see it."""

from __future__ import annotations

import pytest

from services.cases.domain.customer import Identity, mask, normalise, normalised
from shared.contracts.refusal import Refusal


def test_an_email_address_is_the_same_in_any_case() -> None:
    assert normalise(Identity("Email", " Zhang@Example.COM ")) == Identity("email", "zhang@example.com")


@pytest.mark.parametrize("value", ["zhang", "zhang@", "@example.com", "zhang@example", "zh ang@example.com"])
def test_what_is_no_address_is_refused(value: str) -> None:
    with pytest.raises(Refusal, match="email-invalid"):
        normalise(Identity("email", value))


def test_a_masked_value_is_not_taken_for_a_real_one() -> None:
    with pytest.raises(Refusal, match="identity-masked"):
        normalise(Identity("wechat", "w****5"))


def test_a_text_that_grows_when_normalised_is_still_limited() -> None:
    with pytest.raises(Refusal, match="text-too-long"):
        normalise(Identity("wechat", "\ufdfa" * 50))


def test_every_identity_that_cannot_be_read_is_named() -> None:
    with pytest.raises(Refusal) as caught:
        normalised((Identity("phone", "1"), Identity("phone", "13800138000"), Identity("email", "x")))
    assert [(fault.field, fault.code) for fault in caught.value.faults] == [
        ("identities.0.value", "phone-invalid"),
        ("identities.2.value", "email-invalid"),
    ]


def test_an_identity_given_twice_counts_once() -> None:
    twice = (Identity("phone", "13800138000"), Identity("phone", "+86 138 0013 8000"))
    assert normalised(twice) == (Identity("phone", "+8613800138000"),)


@pytest.mark.parametrize(
    ("identity", "shown"),
    [
        (Identity("phone", "+8613800138000"), "138****8000"),
        (Identity("email", "zhang@example.com"), "z****@example.com"),
        (Identity("wechat", "wx12345"), "w****5"),
        (Identity("account", "ab"), "a****"),
    ],
)
def test_identities_are_masked_by_kind(identity: Identity, shown: str) -> None:
    assert mask(identity).value == shown
