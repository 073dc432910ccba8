"""Feishu 飞书: app messages to one member, and posts of custom group bots.

Answers carry a `code`; anything but 0 is a failure, with HTTP 200 (bots) or 400 (apps) alike. An app message carries a
`uuid`, by which Feishu drops a repetition within the hour.
Sources: Feishu open platform, "发送消息", "自定义机器人使用指南", "通用错误码".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping

from services.notify.channels.port import Outgoing
from services.notify.channels.tokens import REFUSED, AccessToken, granted
from services.notify.channels.wire import Answer, Meaning, Wire, plain, read, with_id
from services.notify.domain.message import Report
from services.notify.domain.pace import Pace

MESSAGE_BYTES = 100_000
POST_BYTES = 15_000

_MEANINGS: dict[int, Meaning] = {
    9499: ("failed", "refused"),
    10003: ("try-again", "credentials-refused"),
    10014: ("try-again", "credentials-refused"),
    11232: ("throttled", "throttled"),
    19001: ("failed", "bot-unknown"),
    19021: ("failed", "not-permitted"),
    19022: ("failed", "not-permitted"),
    19024: ("failed", "not-permitted"),
    230001: ("failed", "refused"),
    230002: ("failed", "address-unknown"),
    230006: ("failed", "not-permitted"),
    230013: ("failed", "address-unknown"),
    230020: ("throttled", "throttled"),
    99991400: ("throttled", "throttled"),
    99991661: ("try-again", REFUSED),
    99991663: ("try-again", REFUSED),
    99991664: ("try-again", REFUSED),
    99991672: ("failed", "not-permitted"),
    99992351: ("failed", "address-unknown"),
    99992352: ("failed", "address-unknown"),
    99992360: ("failed", "address-unknown"),
}


class FeishuApp:
    """Messages of an app to one member."""

    deduplicates = True
    pace = Pace(100)
    at_once = 50

    def __init__(self, wire: Wire, *, app_id: str, app_secret: str, id_type: str) -> None:
        self._wire = wire
        self._credentials = {"app_id": app_id, "app_secret": app_secret}
        self._id_type = id_type
        self._token = AccessToken(self._fetch_token)

    async def send(self, outgoing: Outgoing) -> Report:
        """Send once; with a new token when the old one is refused."""
        return await self._token.used_for(lambda token: self._send(outgoing, token))

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def _send(self, outgoing: Outgoing, token: str) -> Report:
        path, bearer = "/open-apis/im/v1/messages", {"Authorization": f"Bearer {token}"}
        answer = await self._wire.post(path, _body(outgoing), headers=bearer, params={"receive_id_type": self._id_type})
        report = _read(answer)
        data = answer.body.get("data")
        return with_id(report, data.get("message_id") if isinstance(data, dict) else None)

    async def _fetch_token(self) -> tuple[str, float]:
        answer = await self._wire.post("/open-apis/auth/v3/tenant_access_token/internal", self._credentials)
        return granted(_read(answer), answer.body, "tenant_access_token", "expire")


class FeishuGroup:
    """Posts of a group's custom bot, signed where it has a secret. A post proves nothing."""

    deduplicates = False
    pace = Pace(20)
    at_once = 5

    def __init__(self, wire: Wire, bots: Mapping[str, str]) -> None:
        self._wire = wire
        self._bots = bots

    async def send(self, outgoing: Outgoing) -> Report:
        """Post once."""
        token, _, secret = self._bots.get(outgoing.address, "").partition(",")
        if not token:
            return Report("failed", None, "bot-unknown")
        signed = signature(secret, int(time.time())) if secret else {}
        body = {**signed, "msg_type": "text", "content": {"text": plain(outgoing, POST_BYTES)}}
        return _read(await self._wire.post(f"/open-apis/bot/v2/hook/{token}", body))

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()


def signature(secret: str, seconds: int) -> dict[str, str]:
    """The fields by which a bot knows its owner: HMAC-SHA256 of nothing, under the key "time, line break, secret"."""
    told = hmac.new(f"{seconds}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": str(seconds), "sign": base64.b64encode(told).decode()}


def _body(outgoing: Outgoing) -> dict[str, str]:
    content = json.dumps({"text": plain(outgoing, MESSAGE_BYTES)}, ensure_ascii=False)
    return {
        "receive_id": outgoing.address,
        "msg_type": "text",
        "content": content,
        "uuid": str(outgoing.message_id),
    }


def _read(answer: Answer) -> Report:
    return read(answer, _MEANINGS, code="code", words="msg")
