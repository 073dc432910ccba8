"""Customers and the identities they are recognised by."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from services.cases.domain.phone import mask_phone, normalise_phone
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
    """Somebody whom the centre serves."""

    customer_id: UUID
    external_id: str | None
    name: str
    tier: str
    identities: tuple[Identity, ...]
    version: int
    created_at: datetime
    updated_at: datetime


def new_customer(
    *,
    customer_id: UUID,
    external_id: str | None,
    name: str,
    tier: str,
    identities: tuple[Identity, ...],
    now: datetime,
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
    )


def changed(customer: Customer, *, seen_version: int, now: datetime, changes: dict[str, Any]) -> Customer:
    """The customer with some fields replaced, if nobody changed it since the caller looked (`stale-version`)."""
    if customer.version != seen_version:
        raise Refusal("stale-version", current=customer.version)
    if "identities" in changes:
        changes = changes | {"identities": normalised(changes["identities"])}
    return replace(customer, **changes, version=customer.version + 1, updated_at=now)


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
