"""DingTalk 钉钉: work notices to one member, and posts of group robots.

Answers are HTTP 200 with an `errcode`. Work notices are queued by DingTalk (`task_id`), and the same content reaches a
member once a day, so they can be repeated.
Sources: DingTalk open platform, "发送工作通知", "自定义机器人", "全局错误码".
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import replace

from services.notify.channels.port import Outgoing
from services.notify.channels.tokens import REFUSED, AccessToken, granted
from services.notify.channels.wire import Answer, Meaning, Wire, plain, read, with_id
from services.notify.domain.message import Report
from services.notify.domain.pace import Pace

NOTICE_BYTES = 2048
POST_BYTES = 20_000

_MEANINGS: dict[int, Meaning] = {
    -1: ("try-again", "provider-busy"),
    88: ("failed", "refused"),
    33012: ("failed", "address-unknown"),
    40014: ("try-again", REFUSED),
    40035: ("failed", "refused"),
    40089: ("try-again", "credentials-refused"),
    42001: ("try-again", REFUSED),
    60011: ("failed", "not-permitted"),
    60121: ("failed", "address-unknown"),
    90018: ("throttled", "throttled"),
    90030: ("throttled", "throttled"),
    130101: ("throttled", "throttled"),
    300001: ("failed", "bot-unknown"),
    300005: ("failed", "bot-unknown"),
    310000: ("failed", "not-permitted"),
    410100: ("throttled", "throttled"),
}


class DingTalkNotice:
    """Work notices of an app to one member."""

    deduplicates = True
    pace = Pace(30)
    at_once = 100

    def __init__(self, wire: Wire, *, app_key: str, app_secret: str, agent_id: int) -> None:
        self._wire = wire
        self._credentials = {"appkey": app_key, "appsecret": app_secret}
        self._agent_id = agent_id
        self._token = AccessToken(self._fetch_token)

    async def send(self, outgoing: Outgoing) -> Report:
        """Send once; with a new token when the old one is refused."""
        return await self._token.used_for(lambda token: self._send(outgoing, token))

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def _send(self, outgoing: Outgoing, token: str) -> Report:
        path = "/topapi/message/corpconversation/asyncsend_v2"
        answer = await self._wire.post(path, self._body(outgoing), params={"access_token": token})
        report = _read(answer)
        return with_id(report, answer.body.get("task_id"))

    def _body(self, outgoing: Outgoing) -> dict[str, object]:
        content = {"msgtype": "text", "text": {"content": plain(outgoing, NOTICE_BYTES)}}
        return {"agent_id": self._agent_id, "userid_list": outgoing.address, "msg": content}

    async def _fetch_token(self) -> tuple[str, float]:
        answer = await self._wire.get("/gettoken", self._credentials)
        return granted(_read(answer), answer.body, "access_token", "expires_in")


class DingTalkGroup:
    """Posts of a group's robot, signed where it has a secret. A post proves nothing."""

    deduplicates = False
    pace = Pace(20)
    at_once = 20

    def __init__(self, wire: Wire, robots: Mapping[str, str]) -> None:
        self._wire = wire
        self._robots = robots

    async def send(self, outgoing: Outgoing) -> Report:
        """Post once."""
        token, _, secret = self._robots.get(outgoing.address, "").partition(",")
        if not token:
            return Report("failed", None, "bot-unknown")
        signed = signature(secret, time.time_ns() // 1_000_000) if secret else {}
        body = {"msgtype": "text", "text": {"content": plain(outgoing, POST_BYTES)}}
        return _read(await self._wire.post("/robot/send", body, params={"access_token": token, **signed}))

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()


def signature(secret: str, milliseconds: int) -> dict[str, str]:
    """The parameters by which a robot knows its owner: HMAC-SHA256 of "time, line break, secret" under the secret."""
    told = hmac.new(secret.encode(), f"{milliseconds}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": str(milliseconds), "sign": base64.b64encode(told).decode()}


def _code(answer: Answer) -> int | None:
    """The code that says what happened; 88 wraps it as `sub_code`."""
    code, within = answer.body.get("errcode"), str(answer.body.get("sub_code", ""))
    if code == 88 and within.isascii() and within.isdigit():
        return int(within)
    return code if isinstance(code, int) else None


def _read(answer: Answer) -> Report:
    code = _code(answer)
    unwrapped = answer if code is None else replace(answer, body={**answer.body, "errcode": code})
    return read(unwrapped, _MEANINGS, code="errcode", words="errmsg")
