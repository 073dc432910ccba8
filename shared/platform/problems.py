"""RFC 9457 problem documents: every error that leaves the house takes this door, in the caller's language."""

from __future__ import annotations

from typing import Any

import asyncpg
import structlog
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as SQLTimeoutError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.contracts.errors import PROBLEMS
from shared.contracts.nouns import NOUNS
from shared.contracts.privacy import mask_mobiles_in
from shared.contracts.refusal import Fault, Refusal
from shared.platform.db import is_outage
from shared.platform.faults import faults_of

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:ringback:problem:"
RETRY_AFTER_SECONDS = "2"


def language_of(request: Request) -> str:
    """`zh-CN` unless the caller prefers English."""
    wanted = [_weighted(part) for part in request.headers.get("accept-language", "").split(",")]
    for weight, tag in sorted(wanted, key=lambda one: -one[0]):
        if weight > 0 and tag.startswith(("zh", "en")):
            return "en" if tag.startswith("en") else "zh-CN"
    return "zh-CN"


def _weighted(part: str) -> tuple[float, str]:
    tag, _, weight = part.partition(";q=")
    try:
        return float(weight or 1), tag.strip().lower()
    except ValueError:
        return 0.0, ""


def sentence(code: str, language: str, params: dict[str, object]) -> str:
    """The catalogue's sentence for a code, with its values filled in."""
    problem = PROBLEMS[code]
    text = problem.en if language == "en" else problem.zh
    shown = {name: _shown(value) for name, value in params.items()}
    if noun := params.get("noun"):
        shown["what"] = _called(str(noun), language, shown.get("what"))
    return text.format_map(_Lenient(shown))


def _called(noun: str, language: str, what: object) -> str:
    """A thing by what it is and which one, if there is more than one."""
    name = noun if language == "en" else NOUNS.get(noun, noun)
    return name if what is None else f"{name} {what}"


def _shown(value: object) -> object:
    """What a caller sent comes back in the sentence, but no phone number."""
    return mask_mobiles_in(value) if isinstance(value, str) else value


def problem(request: Request, refusal: Refusal) -> Response:
    """The problem document for a refusal."""
    language = language_of(request)
    status = PROBLEMS[refusal.code].status
    document: dict[str, Any] = {
        "type": TYPE_PREFIX + refusal.code,
        "title": sentence(refusal.code, language, {}),
        "status": status,
        "detail": sentence(refusal.code, language, refusal.params),
        "code": refusal.code,
        "instance": request.url.path,
    }
    if refusal.faults:
        document["errors"] = [_error(fault, language) for fault in refusal.faults]
    headers = {"Content-Language": language}
    if status in (429, 503):
        headers["Retry-After"] = str(refusal.params.get("retry_after", RETRY_AFTER_SECONDS))
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(to_json(refusal.extra | document), status, headers, MEDIA_TYPE)


def _error(fault: Fault, language: str) -> dict[str, object]:
    return {"field": fault.field, "code": fault.code, "message": sentence(fault.code, language, fault.params)}


class _Lenient(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


async def answer_refusal(request: Request, error: Exception) -> Response:
    """A rule said no."""
    assert isinstance(error, Refusal)
    return problem(request, error)


async def answer_invalid(request: Request, error: Exception) -> Response:
    """The request does not fit its model: 400 when it is no JSON at all, else 422 with every fault."""
    assert isinstance(error, RequestValidationError)
    details = error.errors()
    if any(detail["type"] == "json_invalid" for detail in details):
        return problem(request, Refusal("malformed-json"))
    return problem(request, Refusal("invalid-value", faults=faults_of(details)))


async def answer_http(request: Request, error: Exception) -> Response:
    """What the framework refuses by itself: unknown routes, methods, unreadable forms."""
    assert isinstance(error, HTTPException)
    if isinstance(error.__cause__, Refusal):  # ours, met while the framework read the body
        return problem(request, error.__cause__)
    codes = {404: "no-such-route", 405: "method-not-allowed", 400: "malformed-request", 413: "body-too-large"}
    response = problem(request, Refusal(codes.get(error.status_code, "malformed-request")))
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    return response


async def answer_database(request: Request, error: Exception) -> Response:
    """What the database refuses: an outage is 503, an unstorable value 422, a broken constraint 409."""
    if is_outage(error):
        log.warning("database_away", error=type(error).__name__)
        return problem(request, Refusal("unavailable"))
    state = _sqlstate(error)
    if state.startswith("22"):
        return problem(request, Refusal("invalid-value"))
    if state.startswith(("23", "40")):
        log.warning("constraint_broken", sqlstate=state, constraint=getattr(_cause(error), "constraint_name", None))
        return problem(request, Refusal("conflict"))
    return await answer_unexpected(request, error)


async def answer_unexpected(request: Request, error: Exception) -> Response:
    """A bug: recorded with its trace, told without one."""
    log.error("unexpected_error", exc_info=error)
    return problem(request, Refusal("internal-error"))


def _sqlstate(error: BaseException) -> str:
    return str(getattr(_cause(error), "sqlstate", None) or "")


def _cause(error: BaseException) -> Any:
    """The driver's own error behind a wrapped one."""
    if isinstance(error, DBAPIError) and error.orig is not None:
        return error.orig.__cause__ or error.orig
    return error


HANDLERS: dict[Any, Any] = {
    Refusal: answer_refusal,
    RequestValidationError: answer_invalid,
    HTTPException: answer_http,
    DBAPIError: answer_database,
    SQLTimeoutError: answer_database,
    asyncpg.PostgresError: answer_database,
    asyncpg.InterfaceError: answer_database,
    OSError: answer_database,
}
"""By error class; what is not here is a bug, and the edge answers it."""
