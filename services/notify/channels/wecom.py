"""WeCom 企业微信: app messages to one member, and posts of group bots.

Answers are HTTP 200 with an `errcode`; anything but 0 is a failure. What exceeds the limits for a member is dropped by
WeCom without a word, so they are kept here. Sources: WeCom developer documents, "发送应用消息", "群机器人配置说明",
"全局错误码".
"""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.channels.port import Outgoing
from services.notify.channels.tokens import REFUSED, AccessToken, granted
from services.notify.channels.wire import Answer, Meaning, Wire, plain, read, with_id
from services.notify.domain.message import Report
from services.notify.domain.pace import Pace

TEXT_BYTES = 2048
DUPLICATES_DROPPED_SECONDS = 1800

_MEANINGS: dict[int, Meaning] = {
    -1: ("try-again", "provider-busy"),
    40001: ("try-again", "credentials-refused"),
    40003: ("failed", "address-unknown"),
    40013: ("try-again", "credentials-refused"),
    40014: ("try-again", REFUSED),
    40056: ("failed", "not-permitted"),
    42001: ("try-again", REFUSED),
    45009: ("throttled", "throttled"),
    45033: ("throttled", "throttled"),
    48002: ("failed", "not-permitted"),
    60011: ("failed", "not-permitted"),
    60020: ("try-again", "not-permitted"),
    60111: ("failed", "address-unknown"),
    81013: ("failed", "address-unknown"),
    93000: ("failed", "bot-unknown"),
    93008: ("failed", "bot-unknown"),
}


class WeComApp:
    """Messages of an app to one member. The same content within half an hour reaches them once."""

    deduplicates = True
    pace = Pace(30)
    at_once = 100

    def __init__(self, wire: Wire, *, corp_id: str, secret: str, agent_id: int) -> None:
        self._wire = wire
        self._credentials = {"corpid": corp_id, "corpsecret": secret}
        self._agent_id = agent_id
        self._token = AccessToken(self._fetch_token)

    async def send(self, outgoing: Outgoing) -> Report:
        """Send once; with a new token when the old one is refused."""
        return await self._token.used_for(lambda token: self._send(outgoing, token))

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()

    async def _send(self, outgoing: Outgoing, token: str) -> Report:
        answer = await self._wire.post("/cgi-bin/message/send", self._body(outgoing), params={"access_token": token})
        report = _read(answer)
        unknown = f"{answer.body.get('invaliduser') or ''}{answer.body.get('unlicenseduser') or ''}"
        if report.outcome == "accepted" and unknown:
            return Report("failed", "errcode 0: invaliduser", "address-unknown")
        return with_id(report, answer.body.get("msgid"))

    def _body(self, outgoing: Outgoing) -> dict[str, object]:
        return {
            "touser": outgoing.address,
            "msgtype": "text",
            "agentid": self._agent_id,
            "text": {"content": plain(outgoing, TEXT_BYTES)},
            "enable_duplicate_check": 1,
            "duplicate_check_interval": DUPLICATES_DROPPED_SECONDS,
        }

    async def _fetch_token(self) -> tuple[str, float]:
        answer = await self._wire.get("/cgi-bin/gettoken", self._credentials)
        return granted(_read(answer), answer.body, "access_token", "expires_in")


class WeComGroup:
    """Posts of a group's bot; the address is the bot's name in the settings. A post proves nothing."""

    deduplicates = False
    pace = Pace(20)
    at_once = 20

    def __init__(self, wire: Wire, bots: Mapping[str, str]) -> None:
        self._wire = wire
        self._bots = bots

    async def send(self, outgoing: Outgoing) -> Report:
        """Post once."""
        key = self._bots.get(outgoing.address)
        if key is None:
            return Report("failed", None, "bot-unknown")
        body = {"msgtype": "text", "text": {"content": plain(outgoing, TEXT_BYTES)}}
        return _read(await self._wire.post("/cgi-bin/webhook/send", body, params={"key": key}))

    async def close(self) -> None:
        """Let go of connections."""
        await self._wire.close()


def _read(answer: Answer) -> Report:
    return read(answer, _MEANINGS, code="errcode", words="errmsg")
