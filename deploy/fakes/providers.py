"""WeCom, DingTalk, Feishu and a text message gateway on one port, with their real bodies and error codes.

A mood decides what happens to a message: the next one planned with `plan`, else the one that is part of the address
(`zhangsan.throttled`, or a bot whose token ends so), else all is well. Moods are listed in `MOODS`.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

MOODS = (
    "ok",
    "throttled",  # too fast: WeCom 45009, DingTalk 130101 or 90018, Feishu 11232 or 230020, gateway rate-limited
    "invalid-user",  # nobody of that name: WeCom 81013, DingTalk 33012, Feishu 230013, gateway invalid-number
    "invalid-among-ok",  # WeCom's errcode 0 with the member in invaliduser
    "unknown-bot",  # WeCom 93000, DingTalk 300005, Feishu 19001
    "refused",  # DingTalk 310000 (keywords), Feishu 19024, WeCom 60011
    "stale-token",  # the access token is not valid any more: 42001, 99991663
    "busy",  # WeCom and DingTalk -1; HTTP 503 elsewhere
    "slow",  # accepted after a while
    "silent",  # accepted, and no answer comes
    "cut",  # accepted, and the connection is cut
    "garbage",  # HTTP 200 with a page instead of JSON
    "broken",  # HTTP 500
)
SLOW_SECONDS = 0.3
SILENT_SECONDS = 30

_CODES: dict[str, dict[str, tuple[int, str]]] = {
    "wecom": {
        "throttled": (45009, "api freq out of limit"),
        "invalid-user": (81013, "user & party & tag all invalid"),
        "refused": (60011, "no privilege to access/modify contact/party/agent"),
        "stale-token": (42001, "access_token expired"),
        "busy": (-1, "system busy"),
    },
    "wecom-bot": {
        "throttled": (45009, "api freq out of limit"),
        "unknown-bot": (93000, "invalid webhook url"),
        "refused": (40058, "invalid Request Parameter"),
        "busy": (-1, "system busy"),
    },
    "dingtalk": {
        "throttled": (90018, "requests are forbidden for a while"),
        "invalid-user": (33012, "无效的USERID"),
        "refused": (40035, "不合法的参数"),
        "stale-token": (88, "ding talk error[subcode=42001,submsg=access_token expired]"),
        "busy": (-1, "系统繁忙"),
    },
    "dingtalk-bot": {
        "throttled": (130101, "send too fast, exceed 20 times per minute"),
        "unknown-bot": (300005, "token is not exist"),
        "refused": (310000, "keywords not in content"),
        "busy": (-1, "系统繁忙"),
    },
    "feishu": {
        "throttled": (230020, "This operation triggers the frequency limit."),
        "invalid-user": (230013, "Bot has NO availability to this user."),
        "refused": (230006, "Bot ability is not activated."),
        "stale-token": (99991663, "Invalid access token for authorization."),
    },
    "feishu-bot": {
        "throttled": (11232, "frequency limited psm[lark.oapi.app_platform_runtime]"),
        "unknown-bot": (19001, "param invalid: incoming webhook access token invalid"),
        "refused": (19024, "Key Words Not Found"),
    },
}
_GATEWAY = {
    "throttled": ("rate-limited", "slow down"),
    "invalid-user": ("invalid-number", "no such number"),
    "refused": ("refused", "content not allowed"),
    "busy": ("busy", "try again"),
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A message that a provider took. `again`: one that it had taken before, and dropped."""

    provider: str
    to: str
    text: str
    again: bool


@dataclass
class Providers:
    """All of them as one ASGI application. `taken` is what reached somebody, `calls` counts requests by provider."""

    secrets: dict[str, str] = field(default_factory=dict)
    """Signing secrets by bot token, and the gateway's under `sms`."""
    taken: list[Taken] = field(default_factory=list)
    calls: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    tokens_given: int = 0
    _plans: dict[str, deque[str]] = field(default_factory=lambda: defaultdict(deque))
    _seen: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._app = Starlette(routes=[Route(path, handle, methods=[method]) for path, method, handle in self._routes()])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    def plan(self, provider: str, *moods: str) -> None:
        """What happens to the provider's next messages, in order."""
        assert set(moods) <= set(MOODS), moods
        self._plans[provider].extend(moods)

    def reached(self, provider: str) -> list[Taken]:
        """What really reached somebody by this provider, repetitions left out."""
        return [one for one in self.taken if one.provider == provider and not one.again]

    def _routes(self) -> list[tuple[str, str, Callable[[Request], Awaitable[Response]]]]:
        return [
            ("/cgi-bin/gettoken", "GET", self._token),
            ("/cgi-bin/message/send", "POST", self._wecom),
            ("/cgi-bin/webhook/send", "POST", self._wecom_bot),
            ("/gettoken", "GET", self._token),
            ("/topapi/message/corpconversation/asyncsend_v2", "POST", self._dingtalk),
            ("/robot/send", "POST", self._dingtalk_bot),
            ("/open-apis/auth/v3/tenant_access_token/internal", "POST", self._feishu_token),
            ("/open-apis/im/v1/messages", "POST", self._feishu),
            ("/open-apis/bot/v2/hook/{token}", "POST", self._feishu_bot),
            ("/sms", "POST", self._sms),
            ("/anywhere/{name}", "POST", self._anywhere),
        ]

    async def _token(self, request: Request) -> Response:
        if "wrong" in request.query_params.values():
            code = 40089 if request.url.path == "/gettoken" else 40001  # DingTalk's, and WeCom's
            return JSONResponse({"errcode": code, "errmsg": "invalid credential"})
        self.tokens_given += 1
        token = f"token-{self.tokens_given}"
        return JSONResponse({"errcode": 0, "errmsg": "ok", "access_token": token, "expires_in": 7200})

    async def _feishu_token(self, request: Request) -> Response:
        if "wrong" in (await request.json()).values():
            return JSONResponse({"code": 10014, "msg": "app secret invalid"})
        self.tokens_given += 1
        token = f"t-{self.tokens_given}"
        return JSONResponse({"code": 0, "msg": "ok", "tenant_access_token": token, "expire": 7200})

    async def _wecom(self, request: Request) -> Response:
        sent = await request.json()
        if request.query_params.get("access_token") != f"token-{self.tokens_given}":
            return _wecom_answer(40014, "invalid access_token")
        key = json.dumps(sent, sort_keys=True) if sent.get("enable_duplicate_check") else None
        mood = self._mood("wecom", sent["touser"])
        if mood == "invalid-among-ok":
            return _wecom_answer(0, "ok", invaliduser=sent["touser"].lower(), msgid="m-0")
        take = self._taking("wecom", sent["touser"], sent["text"]["content"], key)
        return await self._answer("wecom", mood, take, lambda: _wecom_answer(0, "ok", msgid=f"m-{len(self.taken)}"))

    async def _wecom_bot(self, request: Request) -> Response:
        sent, key = await request.json(), request.query_params.get("key", "")
        take = self._taking("wecom-bot", key, sent["text"]["content"], None)
        return await self._answer("wecom-bot", self._mood("wecom-bot", key), take, lambda: _wecom_answer(0, "ok"))

    async def _dingtalk(self, request: Request) -> Response:
        sent = await request.json()
        to, text = sent["userid_list"], sent["msg"]["text"]["content"]
        if request.query_params.get("access_token") != f"token-{self.tokens_given}":
            return JSONResponse({"errcode": 88, "sub_code": "40014", "errmsg": "不合法的access_token"})
        take = self._taking("dingtalk", to, text, f"{to} {text}")

        def well() -> Response:
            return JSONResponse({"errcode": 0, "errmsg": "ok", "task_id": 1000 + len(self.taken), "request_id": "r"})

        return await self._answer("dingtalk", self._mood("dingtalk", to), take, well)

    async def _dingtalk_bot(self, request: Request) -> Response:
        sent, asked = await request.json(), request.query_params
        token = asked.get("access_token", "")
        if secret := self.secrets.get(token):
            signed = hmac.new(secret.encode(), f"{asked.get('timestamp')}\n{secret}".encode(), hashlib.sha256).digest()
            late = abs(time.time() * 1000 - int(asked.get("timestamp", "0"))) > 3_600_000
            if late or asked.get("sign") != base64.b64encode(signed).decode():
                return JSONResponse({"errcode": 310000, "errmsg": "sign not match"})
        take = self._taking("dingtalk-bot", token, sent["text"]["content"], None)
        well = JSONResponse({"errcode": 0, "errmsg": "ok"})
        return await self._answer("dingtalk-bot", self._mood("dingtalk-bot", token), take, lambda: well)

    async def _feishu(self, request: Request) -> Response:
        sent = await request.json()
        if request.headers.get("authorization") != f"Bearer t-{self.tokens_given}":
            return JSONResponse({"code": 99991663, "msg": "Invalid access token for authorization."}, 400)
        text = json.loads(sent["content"])["text"]
        take = self._taking("feishu", sent["receive_id"], text, sent.get("uuid"))

        def well() -> Response:
            return JSONResponse({"code": 0, "msg": "success", "data": {"message_id": f"om_{len(self.taken)}"}})

        return await self._answer("feishu", self._mood("feishu", sent["receive_id"]), take, well)

    async def _feishu_bot(self, request: Request) -> Response:
        sent, token = await request.json(), request.path_params["token"]
        if secret := self.secrets.get(token):
            signed = hmac.new(f"{sent.get('timestamp')}\n{secret}".encode(), b"", hashlib.sha256).digest()
            if sent.get("sign") != base64.b64encode(signed).decode():
                words = "sign match fail or timestamp is not within one hour from current time"
                return JSONResponse({"code": 19021, "msg": words})
        take = self._taking("feishu-bot", token, sent["content"]["text"], None)
        well = JSONResponse({"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"})
        return await self._answer("feishu-bot", self._mood("feishu-bot", token), take, lambda: well)

    async def _sms(self, request: Request) -> Response:
        body = await request.body()
        stamp, given = request.headers["x-ringback-timestamp"], request.headers["x-ringback-signature"]
        signed = hmac.new(self.secrets.get("sms", "").encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        if given != f"sha256={signed}":
            return JSONResponse({"error": {"code": "signature", "message": "not signed by you"}}, 401)
        sent = json.loads(body)
        mood = self._mood("sms", sent["to"])
        if mood in _GATEWAY:
            code, words = _GATEWAY[mood]
            headers = {"Retry-After": "90"} if mood == "throttled" else {}
            return JSONResponse({"error": {"code": code, "message": f"{words}: {sent['to']}"}}, 200, headers)
        take = self._taking("sms", sent["to"], sent["text"], request.headers["idempotency-key"])
        return await self._answer("sms", mood, take, lambda: JSONResponse({"id": f"gw-{sent['id']}"}, 202))

    async def _anywhere(self, request: Request) -> Response:
        name, text = request.path_params["name"], (await request.body()).decode()
        take = self._taking("anywhere", name, json.dumps(json.loads(text), ensure_ascii=False), None)
        return await self._answer("anywhere", self._mood("anywhere", name), take, lambda: JSONResponse({"ok": True}))

    def _mood(self, provider: str, address: str) -> str:
        self.calls[provider] += 1
        if self._plans[provider]:
            return self._plans[provider].popleft()
        wished = address.rpartition(".")[2]
        return wished if wished in MOODS else "ok"

    def _taking(self, provider: str, to: str, text: str, key: str | None) -> Callable[[], None]:
        def take() -> None:
            again = key is not None and (provider, key) in self._seen
            if key is not None:
                self._seen.add((provider, key))
            self.taken.append(Taken(provider, to, text, again))

        return take

    async def _answer(
        self, provider: str, mood: str, take: Callable[[], None], well: Callable[[], Response]
    ) -> Response:
        """What the provider answers in this mood; whether it takes the message is part of it."""
        known = _CODES.get(provider, {})
        if mood in known:
            code, words = known[mood]
            return _refusal(provider, code, words)
        if mood == "broken":
            return PlainTextResponse("Internal Server Error", 500)
        if mood == "busy":
            return PlainTextResponse("Service Unavailable", 503)
        take()
        if mood == "garbage":
            return PlainTextResponse("<html>gateway page</html>")
        if mood == "cut":
            return _Cut()
        if mood in ("slow", "silent"):
            await asyncio.sleep(SLOW_SECONDS if mood == "slow" else SILENT_SECONDS)
        return well()


class _Cut(Response):
    """Promises a body and ends without it, as a connection that breaks in between."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-length", b"100"), (b"content-type", b"application/json"), (b"connection", b"close")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        raise ConnectionResetError("cut, as planned")


def settings_for(url: str) -> dict[str, str]:
    """The environment with which notify sends to fakes at this address."""
    return {
        "NOTIFY_CAPTURE": "false",
        "NOTIFY_WECOM_URL": url,
        "NOTIFY_WECOM_CORP_ID": "corp",
        "NOTIFY_WECOM_SECRET": "secret",
        "NOTIFY_WECOM_AGENT_ID": "1000002",
        "NOTIFY_WECOM_BOTS": "floor=wecom-floor",
        "NOTIFY_DINGTALK_URL": url,
        "NOTIFY_DINGTALK_APP_KEY": "key",
        "NOTIFY_DINGTALK_APP_SECRET": "secret",
        "NOTIFY_DINGTALK_AGENT_ID": "7",
        "NOTIFY_DINGTALK_ROBOTS": "floor=dingtalk-floor,SECdingtalk",
        "NOTIFY_FEISHU_URL": url,
        "NOTIFY_FEISHU_APP_ID": "cli_1",
        "NOTIFY_FEISHU_APP_SECRET": "secret",
        "NOTIFY_FEISHU_BOTS": "floor=feishu-floor,feishu-secret",
        "NOTIFY_SMS_URL": f"{url}/sms",
        "NOTIFY_SMS_SECRET": "sms-secret",
    }


SECRETS = {"dingtalk-floor": "SECdingtalk", "feishu-floor": "feishu-secret", "sms": "sms-secret"}
"""What the fakes check signatures with when notify is set up by `settings_for`."""


def _wecom_answer(code: int, words: str, **more: Any) -> Response:
    return JSONResponse({"errcode": code, "errmsg": words, "invaliduser": "", **more})


def _refusal(provider: str, code: int, words: str) -> Response:
    if provider.startswith("feishu"):
        return JSONResponse({"code": code, "msg": words}, 200 if provider == "feishu-bot" else 400)
    if code == 88:
        return JSONResponse({"errcode": 88, "sub_code": "42001", "errmsg": words})
    return JSONResponse({"errcode": code, "errmsg": words})


def in_development() -> Providers:
    """The fakes as notify is set up for them by `settings_for`, for `uvicorn --factory`."""
    return Providers(secrets=dict(SECRETS))
