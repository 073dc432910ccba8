"""The outermost layer of a service: correlation id, body cap, access log and request metrics, as plain ASGI."""

from __future__ import annotations

import time
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.metrics import REQUEST_SECONDS
from shared.platform.problems import problem

log = structlog.get_logger(__name__)

BODY_LIMIT = 1 << 20
IMPORT_LIMIT = 20 << 20
QUIET = frozenset({"/livez", "/readyz", "/metrics"})


class Edge:
    """Wraps the application."""

    def __init__(self, app: ASGIApp, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        limit = IMPORT_LIMIT if scope["path"].endswith((":import", ":batch")) else BODY_LIMIT
        if int(request.headers.get("content-length") or 0) > limit:
            await problem(request, Refusal("body-too-large", limit=limit))(scope, receive, send)
            return
        await self._observed(scope, _Capped(receive, limit), send)

    async def _observed(self, scope: Scope, receive: Receive, send: Send) -> None:
        started, status = time.perf_counter(), 500
        correlation_id = _correlation_id(scope)

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", []), (b"x-request-id", correlation_id.encode())]
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
            try:
                await self._app(scope, receive, sent)
            finally:
                self._note(scope, status, time.perf_counter() - started)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        path = route.path if route else "unmatched"
        REQUEST_SECONDS.labels(self._service, scope["method"], path, str(status)).observe(seconds)
        if scope["path"] not in QUIET:
            log.info("request", method=scope["method"], path=path, status=status, ms=round(seconds * 1000, 1))


class _Capped:
    """Refuses a body that turns out longer than allowed."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._limit = limit
        self._seen = 0

    async def __call__(self) -> Message:
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen > self._limit:
            raise Refusal("body-too-large", limit=self._limit)
        return message


def _correlation_id(scope: Scope) -> str:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and value.isascii() and 0 < len(value) <= 64:
            return str(value.decode())
    return str(new_id())
