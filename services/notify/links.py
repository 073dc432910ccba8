"""The answer link: a signed token for one purpose, one question, one version of its subject, until it expires.

And the codes that prove a contact, made with the same secret.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from services.notify.domain.contact import GROUP_CHANNELS
from services.notify.domain.message import Message
from services.notify.settings import NotifySettings
from shared.contracts.refusal import Refusal

PURPOSE = "answer"
ALGORITHMS = ["HS256"]
KEY_BYTES = 32
LONGEST_TOKEN = 1000


@dataclass(frozen=True, slots=True)
class LinkClaims:
    """Whose question a link is for, and which message it came with, where it came with one."""

    acknowledgement_id: UUID
    subject_version: int
    staff_no: str
    expires_at: datetime
    message_id: UUID | None = None


class Links:
    """Makes and reads answer links. The same claims always make the same link, so it need not be stored."""

    def __init__(self, key: bytes, public_url: str) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"the key for answer links has {len(key)} bytes and needs {KEY_BYTES}")
        self._key = OctKey.import_key(key)
        self._secret = key
        self._public_url = public_url.rstrip("/")

    def url(self, claims: LinkClaims) -> str:
        """Where the person answers."""
        return f"{self._public_url}/a/{self.token(claims)}"

    def token(self, claims: LinkClaims) -> str:
        """The signed token; short names, because links travel in text messages."""
        payload: dict[str, Any] = {
            "p": PURPOSE,
            "s": claims.acknowledgement_id.hex,
            "v": claims.subject_version,
            "n": claims.staff_no,
            "exp": int(claims.expires_at.timestamp()),
        }
        if claims.message_id:
            payload["m"] = base64.urlsafe_b64encode(claims.message_id.bytes).decode().rstrip("=")
        return jwt.encode({"alg": "HS256"}, payload, self._key, algorithms=ALGORITHMS)

    def read(self, token: str, now: datetime) -> LinkClaims:
        """The claims of a token of ours. Raises Refusal `link-invalid`, or `link-expired` when its time is over."""
        if len(token) > LONGEST_TOKEN:
            raise Refusal("link-invalid")
        try:
            claims = _claims(jwt.decode(token, self._key, algorithms=ALGORITHMS).claims)
        except (JoseError, ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError) as error:
            raise Refusal("link-invalid") from error
        if claims.expires_at <= now:
            raise Refusal("link-expired")
        return claims

    def code(self, contact_id: UUID, number: int) -> str:
        """The six digits that prove a contact, of the `number`-th code sent to it.

        They follow from the secret and are stored nowhere: a hash of six digits would give them away at once.
        """
        told = hmac.new(self._secret, b"contact-code" + contact_id.bytes + number.to_bytes(8), hashlib.sha256).digest()
        return f"{int.from_bytes(told[:8]) % 1_000_000:06}"

    def is_code(self, entered: str, contact_id: UUID, number: int) -> bool:
        """Whether this is that code; how long the comparison takes tells nothing."""
        return hmac.compare_digest(entered.encode(), self.code(contact_id, number).encode())

    def webhook_secret(self, webhook_id: UUID, number: int) -> str:
        """The `number`-th signing secret of a webhook, as Standard Webhooks writes it; it is stored nowhere, too."""
        told = hmac.new(self._secret, b"webhook" + webhook_id.bytes + number.to_bytes(8), hashlib.sha256).digest()
        return f"whsec_{base64.b64encode(told).decode()}"


def claims_of(message: Message) -> LinkClaims | None:
    """Whose question the message's link answers; none when it asks nothing, or is read by a whole group."""
    if not (message.acknowledgement_id and message.link_expires_at and message.subject_version is not None):
        return None
    if message.staff_no is None or message.channel in GROUP_CHANNELS:
        return None
    return LinkClaims(
        message.acknowledgement_id,
        message.subject_version,
        message.staff_no,
        message.link_expires_at,
        message.message_id,
    )


def links_from(settings: NotifySettings) -> Links:
    """Links signed with the configured key. Without a key file, links die with this process."""
    key = _kept_key(settings.link_key_file) if settings.link_key_file else _passing_key()
    return Links(key, settings.public_url)


def _claims(raw: dict[str, Any]) -> LinkClaims:
    if raw["p"] != PURPOSE:
        raise ValueError("another purpose")
    message_id = UUID(bytes=base64.urlsafe_b64decode(f"{raw['m']}==")) if "m" in raw else None
    expires_at = datetime.fromtimestamp(raw["exp"], UTC)
    return LinkClaims(UUID(hex=raw["s"]), int(raw["v"]), str(raw["n"]), expires_at, message_id)


@cache
def _passing_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)


def _kept_key(file: Path) -> bytes:
    """The key in `file`. Processes that start together agree on whichever key is there first."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.{os.getpid()}.{secrets.token_hex(4)}")
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(KEY_BYTES))
        with suppress(FileExistsError):
            os.link(draft, file)
        draft.unlink()
    return bytes.fromhex(file.read_text().strip())
