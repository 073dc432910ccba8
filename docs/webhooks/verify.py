"""Verify a Ringback webhook (Standard Webhooks 1.0) with nothing but the standard library.

`verify(secret, headers, body)` returns the event, or raises ValueError. Use the raw bytes of the request's body, and
answer 2xx within 15 seconds; do the work afterwards. The same `webhook-id` may come twice: keep what you have done.
"""

import base64
import hashlib
import hmac
import json
import time

TOLERANCE_SECONDS = 5 * 60


def verify(secret, headers, body, now=None):
    """Check signature and age of a delivery; `secret` as Ringback showed it (`whsec_…`), `body` as bytes."""
    given = {name.lower(): value for name, value in headers.items()}
    message_id, timestamp = given["webhook-id"], given["webhook-timestamp"]
    if abs((time.time() if now is None else now) - int(timestamp)) > TOLERANCE_SECONDS:
        raise ValueError("too old or too new")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = message_id.encode() + b"." + timestamp.encode() + b"." + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    for signature in given["webhook-signature"].split():  # two while a secret is being changed
        version, _, value = signature.partition(",")
        if version == "v1" and hmac.compare_digest(value, expected):
            return json.loads(body)
    raise ValueError("no signature matches")
