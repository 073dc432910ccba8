"""Text messages through any gateway that speaks this small protocol.

`POST <url>` with `{"id", "to", "text", "language"}`, signed: `X-Ringback-Timestamp` (seconds) and
`X-Ringback-Signature: sha256=<hex HMAC-SHA256 of "<timestamp>.<body>">`. `Idempotency-Key` is the message id: a gateway
sends one id once. It answers 2xx `{"id": "<its own>"}`, or, whatever the status, `{"error": {"code", "message"}}`.
Delivery receipts come to `POST /notify/v1/receipts/sms`, signed the same way.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time

from services.notify.channels.port import OutcomeUnknown, Outgoing
from services.notify.channels.wire import Answer, Meaning, Wire, plain, read_status, with_id
from services.notify.domain.message import Report

TEXT_BYTES = 1500
RECEIPT_SECONDS = 300
"""How far the time of a signed receipt may be off."""

_MEANINGS: dict[str, Meaning] = {
    "invalid-number": ("failed", "address-unknown"),
    "blocked": ("failed", "not-permitted"),
    "refused": ("failed", "refused"),
    "rate-limited": ("throttled", "throttled"),
    "busy": ("try-again", "provider-busy"),
    "signature": ("try-again", "credentials-refused"),
}


class Sms:
    """One gateway."""

    deduplicates = True
    pace = None
    at_once = 100

    def __init__(self, wire: Wire, secret: str) -> None:
        self._wire = wire
        self._secret = secret

    async def send(self, outgoing: Outgoing) -> Report:
        """Send once."""
        message_id = str(outgoing.message_id)
        fields = {"id": message_id, "to": outgoing.address, "text": plain(outgoing, TEXT_BYTES)}
        body = json.dumps(fields | {"language": outgoing.language}, ensure_ascii=False).encode()
        headers = {"Idempotency-Key": message_id, **signed(self._secret, int(time.time()), body)}
        return _read(await self._wire.post("", body, headers=headers))

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()


def signed(secret: str, seconds: int, body: bytes) -> dict[str, str]:
    """The headers that prove who sent a body, and when."""
    told = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    return {"X-Ringback-Timestamp": str(seconds), "X-Ringback-Signature": f"sha256={told}"}


def is_signed(secret: str, timestamp: str, signature: str, body: bytes, now: float) -> bool:
    """Whether a receipt is the gateway's own, and of these minutes."""
    if not secret or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    fresh = abs(now - int(timestamp)) <= RECEIPT_SECONDS
    right = signed(secret, int(timestamp), body)["X-Ringback-Signature"]
    return hmac.compare_digest(right.encode(), signature.encode()) and fresh


def _read(answer: Answer) -> Report:
    error = answer.body.get("error")
    if isinstance(error, dict):
        outcome, ours = _MEANINGS.get(str(error.get("code")), ("failed", "refused"))
        words = f"{error.get('code')}: {error.get('message', '')}"
        return Report(outcome, words, ours, wait=answer.wait if outcome == "throttled" else None)
    if answer.status // 100 != 2:
        return read_status(answer)
    if "id" not in answer.body:
        raise OutcomeUnknown(f"HTTP {answer.status} without an id")
    return with_id(Report("accepted", f"HTTP {answer.status}"), answer.body["id"])
