"""Customers and the identities they are recognised by."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.phone import mask_phone, normalise_phone, takes_messages
from shared.contracts.refusal import Fault, Refusal

LONGEST_IDENTITY = 200
"""Characters."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One thing a customer is recognised by: kind `phone`, `email`, or an own one such as `wechat` or `account`."""

    kind: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """Somebody whom the centre serves.

    `handle_with_care` and its note are to be read before anybody calls. `language` is the one that notices are written
    in (`zh-CN`, `en`; none: not known). `merged_into`: it turned out to be another one.
    """

    customer_id: UUID
    external_id: str | None
    name: str
    tier: str
    identities: tuple[Identity, ...]
    version: int
    created_at: datetime
    updated_at: datetime
    handle_with_care: bool = False
    care_note: str | None = None
    do_not_contact: bool = False
    language: str | None = None
    merged_into: UUID | None = None


def new_customer(
    *,
    customer_id: UUID,
    external_id: str | None,
    name: str,
    tier: str,
    identities: tuple[Identity, ...],
    now: datetime,
    **more: Any,
) -> Customer:
    """A customer seen for the first time."""
    return Customer(
        customer_id=customer_id,
        external_id=external_id,
        name=name,
        tier=tier,
        identities=normalised(identities),
        version=1,
        created_at=now,
        updated_at=now,
        **more,
    )


def changed(customer: Customer, *, seen_version: int, now: datetime, changes: dict[str, Any]) -> Customer:
    """The customer with some fields replaced, if nobody changed it since the caller looked (`stale-version`)."""
    require_unmerged(customer)
    if customer.version != seen_version:
        raise Refusal("stale-version", current=customer.version)
    if "identities" in changes:
        changes = changes | {"identities": normalised(changes["identities"])}
    return replace(customer, **changes, version=customer.version + 1, updated_at=now)


def merged(kept: Customer, other: Customer, *, now: datetime) -> tuple[Customer, Customer]:
    """Two customers who are one: the kept one with everything that is known of both, and what is left of the other."""
    require_unmerged(kept)
    require_unmerged(other)
    if kept.customer_id == other.customer_id:
        raise Refusal("customers-same")
    notes = [note for note in (kept.care_note, other.care_note) if note]
    both = replace(
        kept,
        identities=tuple(dict.fromkeys((*kept.identities, *other.identities))),
        handle_with_care=kept.handle_with_care or other.handle_with_care,
        care_note="\n".join(dict.fromkeys(notes)) or None,
        do_not_contact=kept.do_not_contact or other.do_not_contact,
        language=kept.language or other.language,
        version=kept.version + 1,
        updated_at=now,
    )
    left = replace(other, identities=(), merged_into=kept.customer_id, version=other.version + 1, updated_at=now)
    return both, left


def require_unmerged(customer: Customer) -> None:
    """Refuse a customer who became another."""
    if customer.merged_into is not None:
        raise Refusal("customer-merged", extra={"merged_into": str(customer.merged_into)})


def channel_of(identity: Identity) -> str:
    """By which channel an identity is written to: mobiles by sms, other numbers by phone; else its own kind."""
    if identity.kind != "phone":
        return identity.kind
    return "sms" if takes_messages(identity.value) else "phone"


def normalised(identities: tuple[Identity, ...]) -> tuple[Identity, ...]:
    """Identities in their one written form, each once; refuses with every one that cannot be read."""
    found: dict[Identity, None] = {}
    faults: list[Fault] = []
    for place, identity in enumerate(identities):
        try:
            found[normalise(identity)] = None
        except Refusal as refusal:
            faults.append(Fault(f"identities.{place}.value", refusal.code, refusal.params))
    if faults:
        raise Refusal("invalid-value", faults=tuple(faults))
    return tuple(found)


def normalise(identity: Identity) -> Identity:
    """One identity in its one written form: phone numbers E.164, e-mail addresses in lower case."""
    kind, value = identity.kind.lower(), unicodedata.normalize("NFKC", identity.value).strip()
    if "*" in value:
        raise Refusal("identity-masked")
    if len(value) > LONGEST_IDENTITY:  # normalising can make a text longer
        raise Refusal("text-too-long", max_length=LONGEST_IDENTITY)
    if kind == "phone":
        value = normalise_phone(value)
    if kind == "email":
        value = _email(value)
    return Identity(kind, value)


def identity_forms(told: str) -> list[str]:
    """Every written form that what somebody told might have among the identities: as phone, as e-mail, as it is."""
    forms = [unicodedata.normalize("NFKC", told).strip()]
    for kind in ("phone", "email"):
        try:
            forms.append(normalise(Identity(kind, told)).value)
        except Refusal:
            continue
    return list(dict.fromkeys(forms))


def masked(customer: Customer) -> Customer:
    """The customer as somebody sees it who may not see personal data."""
    return replace(customer, identities=tuple(map(mask, customer.identities)))


def mask(identity: Identity) -> Identity:
    """An identity with what identifies its owner hidden: `138****8000`, `z****@example.com`, `w****5`."""
    if identity.kind == "phone":
        return Identity("phone", mask_phone(identity.value))
    local, at, domain = identity.value.rpartition("@") if identity.kind == "email" else (identity.value, "", "")
    tail = local[-1] if not at and len(local) > 3 else ""
    return Identity(identity.kind, f"{local[:1]}****{tail}{at}{domain}")


def _email(value: str) -> str:
    local, _, domain = value.rpartition("@")
    if not local or "." not in domain or any(character.isspace() for character in value):
        raise Refusal("email-invalid")
    return value.lower()
