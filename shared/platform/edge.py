"""The outermost layer of a service: correlation id, body cap, access log, metrics, the last resort. Plain ASGI."""

from __future__ import annotations

import time
from typing import Any

import structlog
from opentelemetry.trace import Span
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.contracts.refusal import Refusal
from shared.platform import tracing
from shared.platform.ids import new_id
from shared.platform.metrics import REQUEST_SECONDS
from shared.platform.problems import answer_unexpected, problem
from shared.platform.rates import Rates

log = structlog.get_logger(__name__)

BODY_LIMIT = 1 << 20
IMPORT_LIMIT = 20 << 20
QUIET = frozenset({"/livez", "/readyz", "/metrics"})
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Edge:
    """Wraps the application. The request's correlation id is in `scope["correlation_id"]`."""

    def __init__(self, app: ASGIApp, service: str, rates: Rates) -> None:
        self._app = app
        self._service = service
        self._rates = rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        scope["correlation_id"] = _correlation_id(scope)
        answer = _Answer(send, scope["correlation_id"])
        with (
            structlog.contextvars.bound_contextvars(correlation_id=scope["correlation_id"]),
            tracing.request(self._service, scope["method"], dict(scope["headers"])) as span,
        ):
            try:
                await self._guarded(scope, receive, answer)
            finally:
                self._note(scope, answer.status or 500, time.perf_counter() - started, span)

    async def _guarded(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        request = Request(scope)
        limit = IMPORT_LIMIT if scope["path"].endswith((":import", ":batch")) else BODY_LIMIT
        try:
            if _declared_length(request) > limit:
                raise Refusal("body-too-large", limit=limit)
            if "authorization" not in request.headers and scope["path"] not in QUIET:
                await self._rates.spend_at(request)
            await self._app(scope, _Capped(receive, limit), answer)
        except Exception as error:
            if answer.status:  # too late to say anything else
                raise
            if isinstance(error, Refusal):
                response = problem(request, error)
            else:
                response = await answer_unexpected(request, error)
            await response(scope, receive, answer)

    def _note(self, scope: Scope, status: int, seconds: float, span: Span | None) -> None:
        route: Any = scope.get("route")
        path = route.path if route else "unmatched"
        method = scope["method"] if scope["method"] in METHODS else "other"
        if span:
            span.update_name(f"{method} {path}")
            span.set_attributes(
                {"http.request.method": method, "http.route": path, "http.response.status_code": status}
            )
        REQUEST_SECONDS.labels(self._service, method, path, str(status)).observe(seconds)
        if scope["path"] not in QUIET:
            log.info("request", method=method, path=path, status=status, ms=round(seconds * 1000, 1))


class _Answer:
    """Sends the response on, with the correlation id, and remembers its status."""

    def __init__(self, send: Send, correlation_id: str) -> None:
        self.status = 0
        self._send = send
        self._header = (b"x-request-id", correlation_id.encode())

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = [*message.get("headers", []), self._header]
        await self._send(message)


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


def _declared_length(request: Request) -> int:
    declared = request.headers.get("content-length", "")
    return int(declared) if declared.isascii() and declared.isdigit() and len(declared) < 19 else 0


def _correlation_id(scope: Scope) -> str:
    """The caller's `X-Request-ID` when it is a plain short word, else a new id."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and 0 < len(value) <= 64 and value.isascii() and value.decode().isprintable():
            return str(value.decode())
    return str(new_id())
