"""The pages behind the answer link: rendered here, readable without scripts, under 20 kB."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.responses import HTMLResponse, Response

from services.notify.domain.local_time import moment, zone_of
from services.notify.domain.shift_change import day_lines
from services.notify.pages.words import OF_OTHER_MATTERS, WORDS
from services.notify.queries.asked import Asked
from shared.contracts.errors import PROBLEMS
from shared.platform.problems import sentence

if TYPE_CHECKING:
    from jinja2 import Environment

DAYS_ON_A_PAGE = 40

_FOLDER = Path(__file__).parent
_STYLE = (_FOLDER / "style.css.jinja").read_text().strip()
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}


def answer_page(asked: Asked, language: str, *, status: int, said: str | None, newer_url: str | None) -> Response:
    """The question as it stands. `said` is what to say about the button just pressed, or why it did nothing."""
    shown = asked.newer if asked.standing == "replaced" and asked.newer else asked
    lines = day_lines(shown.change, language) if shown.change else ()
    zone = zone_of(shown.zone)
    facts = {
        "w": WORDS[language] if shown.change else WORDS[language] | OF_OTHER_MATTERS[language],
        "asked": asked,
        "shown": shown,
        "change": shown.change,
        "matter": shown.words[language],
        "days": lines[:DAYS_ON_A_PAGE],
        "more": max(len(lines) - DAYS_ON_A_PAGE, 0),
        "deadline": moment(shown.deadline, zone, language),
        "answered_at": moment(asked.answered_at, zone, language) if asked.answered_at else "",
        "said": said,
        "newer_url": newer_url,
    }
    return _html("question.html", status, language, facts)


def trouble_page(code: str, params: Mapping[str, object]) -> Response:
    """Why the page cannot be shown, in both languages, because we cannot tell who is reading."""
    known = "link-invalid" if code in ("not-found", "not-yours") else code
    facts = {
        "code": known,
        "sentences": {language: sentence(known, language, dict(params)) for language in WORDS},
        "advice": {language: words["ask-anew"] for language, words in WORDS.items()},
    }
    return _html("trouble.html", PROBLEMS[known].status, "zh-CN", facts)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # noqa: PLC0415 - not before the first page

    loader = FileSystemLoader(_FOLDER)
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _html(template: str, status: int, language: str, facts: dict[str, Any]) -> Response:
    body = _templates().get_template(template).render(facts, language=language, style=_STYLE)
    headers = HEADERS | {"Content-Language": language}
    if status == 503:
        headers["Retry-After"] = "5"
    return HTMLResponse(body, status, headers)
