"""The answer link: a page for a phone. Looking at it (GET, HEAD) changes nothing; only its buttons (POST) do.

Link scanners and chat previews fetch such addresses by themselves, so a look can never be an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
import structlog
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError
from starlette.requests import Request
from starlette.responses import Response

from services.notify.commands import answers as commands
from services.notify.commands.broadcasts import answer_quiz
from services.notify.commands.receipts import note_opened
from services.notify.links import LinkClaims, Links
from services.notify.pages import answer_page, trouble_page
from services.notify.queries.asked import Asked, asked
from shared.contracts.errors import PROBLEMS
from shared.contracts.refusal import Refusal
from shared.platform.actor import Actor
from shared.platform.routing import Router
from shared.platform.work import Database, Work

log = structlog.get_logger(__name__)

CHANNEL = "link"
FORM_LIMIT = 16 << 10
LONGEST_REASON = 500

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """Whatever goes wrong behind a link is told to a person, on a page, in both languages."""

    def get_route_handler(self) -> Handle:
        handle = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handle(request)
            except Refusal as refusal:
                return trouble_page(refusal.code, refusal.params)
            except (DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                log.warning("page_unavailable", error=type(error).__name__)
                return trouble_page("unavailable", {})

        return answered


router = Router(prefix="/a", route_class=PageRoute, include_in_schema=False)


@router.api_route("/{token}", methods=["GET", "HEAD"], operation_id="show_question")
async def show_question(request: Request, token: str) -> Response:
    """The question as it stands now."""
    return await _page(request, _claims(request, token), 200, None)


@router.post("/{token}", operation_id="answer_by_link")
async def answer_by_link(request: Request, token: str) -> Response:
    """The answer of whoever holds the link: `answer=confirm|refuse|seen`, and a `reason` for refusing."""
    claims, form = _claims(request, token), await _form(request)
    try:
        return await _page(request, claims, 200, await _act(request, claims, form))
    except Refusal as refusal:
        said = refusal.faults[0].code if refusal.faults else refusal.code
        status = {"acknowledgement-withdrawn": 410, "acknowledgement-lapsed": 410}.get(said, PROBLEMS[said].status)
        if status not in (409, 410, 422):
            raise
        return await _page(request, claims, status, said)


async def _act(request: Request, claims: LinkClaims, form: dict[str, str]) -> str:
    """Do what the button says; what the page is to say about it."""
    answer, reason = form.get("answer"), form.get("reason", "").strip()[:LONGEST_REASON]
    database: Database = request.app.state.database
    question = await _asked(request, claims)
    if question.standing in ("replaced", "over"):
        raise Refusal("acknowledgement-withdrawn")
    async with database.work(Actor(sub=f"link:{claims.staff_no}", staff_no=claims.staff_no)) as work:
        if claims.message_id:
            await note_opened(work, claims.message_id)
        if answer == "seen":
            await commands.open_question(work, acknowledgement_id=claims.acknowledgement_id, channel=CHANNEL)
            return "seen"
        if answer == "quiz":
            return await _quiz(work, claims, question, form)
        if answer not in ("confirm", "refuse"):
            raise Refusal("answer-missing")
        marked = await _quiz(work, claims, question, form) if answer == "confirm" and _untried(question) else "done"
        receipt = await commands.answer_question(
            work,
            acknowledgement_id=claims.acknowledgement_id,
            answer="confirm" if answer == "confirm" else "refuse",
            reason=reason,
            channel=CHANNEL,
            language=_language(request, question),
        )
    return "already" if receipt.repeated else marked


def _untried(question: Asked) -> bool:
    return bool(question.quiz) and not question.quiz_passed


async def _quiz(work: Work, claims: LinkClaims, question: Asked, form: dict[str, str]) -> str:
    """Mark the quiz that was sent along; what the page is to say about it."""
    given = [form.get(f"q{place}", "") for place in range(len(question.quiz))]
    if not all(choice.isascii() and choice.isdigit() and len(choice) == 1 for choice in given):
        raise Refusal("answer-missing")
    choices = [int(choice) for choice in given]
    result = await answer_quiz(work, acknowledgement_id=claims.acknowledgement_id, choices=choices)
    return "quiz-passed" if result.passed else "quiz-failed"


async def _page(request: Request, claims: LinkClaims, status: int, said: str | None) -> Response:
    question = await _asked(request, claims)
    links: Links = request.app.state.links
    newer = question.newer
    newer_url = links.url(newer.claims) if newer and newer.standing == "open" else None
    return answer_page(question, _language(request, question), status=status, said=said, newer_url=newer_url)


async def _asked(request: Request, claims: LinkClaims) -> Asked:
    database: Database = request.app.state.database
    async with database.reading() as conn:
        return await asked(conn, claims=claims, now=database.clock.now())


def _claims(request: Request, token: str) -> LinkClaims:
    links: Links = request.app.state.links
    database: Database = request.app.state.database
    return links.read(token, database.clock.now())


def _language(request: Request, question: Asked) -> str:
    """As asked for in the address, else the person's own."""
    wanted = request.query_params.get("lang") or question.language
    return "en" if wanted.lower().startswith("en") else "zh-CN"


async def _form(request: Request) -> dict[str, str]:
    """The fields of the page's own forms; nothing larger, and nothing in another encoding, is read."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Refusal("malformed-request")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            raise Refusal("body-too-large", limit=FORM_LIMIT)
    try:
        fields = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=30)
    except ValueError as error:
        raise Refusal("malformed-request") from error
    return {name: value.replace("\x00", "") for name, value in fields}
