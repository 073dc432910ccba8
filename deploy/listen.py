"""`ringback webhooks listen`: an integrator's receiver for one's own machine, which checks and prints what comes."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError

from deploy.trouble import Trouble

LONGEST = 1 << 20

Say = Callable[[str], None]


def listen(port: int, secrets: Sequence[str], say: Say = print) -> ThreadingHTTPServer:
    """A server on 127.0.0.1 that prints every delivery; the caller serves. Port 0 takes any free one.

    With secrets it answers 204 to what one of them signed and 400 to everything else.
    """
    checks = [_check(secret) for secret in secrets]
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), _handler(checks, say))
    except OSError as error:
        raise Trouble(f"端口 {port} 不可用：{error}", f"Port {port} cannot be used: {error}") from error


def judged(checks: Sequence[Webhook], headers: Mapping[str, str], body: bytes) -> str:
    """Whether a delivery is ours: `verified`, `unchecked` (no secret was given), or why it is not."""
    if not checks:
        return "unchecked"
    why = "no signature"
    for check in checks:
        try:
            check.verify(body, dict(headers), json_parse=False)
        except (WebhookVerificationError, ValueError, UnicodeDecodeError) as error:
            why = str(error)
        else:
            return "verified"
    return why


def _check(secret: str) -> Webhook:
    try:
        base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        if secret.startswith("whsec_"):
            return Webhook(secret)
    except (ValueError, RuntimeError):
        pass
    raise Trouble("密钥应以 whsec_ 开头，照订阅时显示的填写。", "A secret is given as it was shown: whsec_….")


def _handler(checks: Sequence[Webhook], say: Say) -> type[BaseHTTPRequestHandler]:
    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = self.headers.get("content-length", "")
            body = self.rfile.read(min(int(length), LONGEST)) if length.isdigit() else b""
            verdict = judged(checks, dict(self.headers), body)
            fine = verdict in ("verified", "unchecked")
            say(f"{'✓' if fine else '✗'} {verdict}  {_in_short(body)}")
            self.send_response(204 if fine else 400)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """What is printed is said above."""

    return Receiver


def _in_short(body: bytes) -> str:
    """The event's type, subject and data on one line."""
    try:
        event = json.loads(body)
        data = json.dumps(event["data"], ensure_ascii=False)
        return f"{event['type']}  {event['subject']}  {data}"
    except (ValueError, KeyError, TypeError):
        return repr(body[:200])
