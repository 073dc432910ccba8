"""The page behind the link in a real browser, as wide as a small phone. Pictures are kept in `docs/screenshots/`.

Set RINGBACK_KEEP_SCREENSHOTS=1 to replace the kept pictures.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest

from shared.contracts.roster import ShiftChangeSuperseded
from tests.conftest import START
from tests.integration.notify.browser import CHROMIUM, Phone, phone
from tests.integration.notify.conftest import Centre, a_change, then
from tests.integration.notify.test_broadcasts import QUIZ, announce
from tests.serving import serving

KEPT = Path(__file__).parents[3] / "docs" / "screenshots"
WIDTH = 360

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine (Debian: apt install chromium)")

TOO_WIDE = (
    f"[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > {WIDTH} + 0.5).length"
)
TOO_LOW = """[...document.querySelectorAll('button, summary, a, textarea, .quiz label')]
    .filter(e => e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 60))"""
UNNAMED = """[...document.querySelectorAll('textarea')].filter(e => !e.labels.length).length"""
FOCUSED = "document.activeElement.innerText || document.activeElement.tagName"


@pytest.fixture
async def origin(centre: Centre) -> AsyncIterator[str]:
    """notify served on a real port."""
    async with serving(centre.api.app) as url:
        yield url


@pytest.fixture
async def screen(tmp_path: Path) -> AsyncIterator[Phone]:
    async with phone(tmp_path / "profile", WIDTH) as opened:
        yield opened


async def shoot(screen: Phone, name: str) -> None:
    """Take a picture of a page that fits the phone."""
    assert await screen.evaluate("window.innerWidth") == WIDTH
    assert await screen.evaluate(TOO_WIDE) == 0
    assert await screen.evaluate(TOO_LOW) == []
    assert await screen.evaluate("document.scripts.length") == 0
    shot = await screen.picture()
    assert len(shot) > 8_000, "an empty page is smaller"
    if os.environ.get("RINGBACK_KEEP_SCREENSHOTS"):
        KEPT.mkdir(parents=True, exist_ok=True)
        (KEPT / f"{name}.png").write_bytes(shot)


async def test_the_page_fits_a_phone_in_every_state_and_language(centre: Centre, origin: str, screen: Phone) -> None:
    await centre.hear(a_change())
    await centre.settle()
    url = origin + await centre.link(a_change())
    await screen.visit(url)
    assert await screen.evaluate("getComputedStyle(document.querySelector('.yes')).minHeight") == "54px", "styled"
    assert await screen.evaluate(UNNAMED) == 0
    await shoot(screen, "answer-page-zh")
    await screen.visit(f"{url}?lang=en")
    await shoot(screen, "answer-page-en")
    await centre.anyone.post(await centre.link(a_change()), data={"answer": "confirm"})
    await screen.visit(url)
    await shoot(screen, "answer-page-confirmed-zh")
    await screen.visit(f"{origin}/a/broken")
    await shoot(screen, "answer-page-broken-link")


async def test_a_replaced_question_and_the_dark_look_fit_too(centre: Centre, origin: str, screen: Phone) -> None:
    note = "A very long word: " + "x" * 80
    await centre.hear(a_change(note=note, agent_name="Bartholomew Featherstonehaugh-Cholmondeley"))
    await centre.settle()
    url = origin + await centre.link(a_change())
    await screen.darken()
    await screen.visit(f"{url}?lang=en")
    await shoot(screen, "answer-page-dark-en")
    await centre.hear(then(a_change(), ShiftChangeSuperseded, superseded_at=START, by_number=3), 2)
    await screen.visit(f"{url}?lang=en")
    await shoot(screen, "answer-page-replaced-en")


async def test_a_broadcast_with_a_quiz_fits_too(centre: Centre, origin: str, screen: Phone) -> None:
    await announce(centre, quiz=QUIZ)
    [message] = await centre.messages("A001")
    url = origin + httpx.URL(message["link"]).path
    await screen.visit(url)
    radios = "[...document.querySelectorAll('input[type=radio]')].every(e => e.labels.length === 1)"
    assert await screen.evaluate(radios) is True
    await shoot(screen, "answer-page-quiz-zh")


async def test_a_screen_reader_finds_its_way(centre: Centre, origin: str, screen: Phone) -> None:
    await centre.hear(a_change())
    await centre.settle()
    url = origin + await centre.link(a_change())
    for language, confirm in (("zh-CN", "确认，按新班次上班"), ("en", "Confirm the new shifts")):
        await screen.visit(f"{url}?lang={language}")
        assert await screen.evaluate("document.documentElement.lang") == language
        nodes = (await screen.call("Accessibility.getFullAXTree"))["nodes"]
        said = [(_said(node, "role"), _said(node, "name")) for node in nodes if not node.get("ignored")]
        roles = [role for role, _ in said]
        assert roles.count("main") == 1
        assert next(name for role, name in said if role == "button") == confirm
        assert all(
            name for role, name in said if role in ("button", "link", "textbox", "heading", "DisclosureTriangle")
        )
        assert await screen.evaluate("[...document.querySelectorAll('h1')].length") == 1
        levels = await screen.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(e => +e.tagName[1])")
        assert all(after <= before + 1 for before, after in pairwise(levels)), levels


def _said(node: dict[str, Any], what: str) -> str:
    return str(node.get(what, {}).get("value", ""))


async def test_the_question_is_answered_with_the_keyboard_alone(centre: Centre, origin: str, screen: Phone) -> None:
    await centre.hear(a_change())
    await centre.settle()
    await screen.visit(origin + await centre.link(a_change()))
    await screen.press("Tab", "Tab")
    assert await screen.evaluate(FOCUSED) == "确认，按新班次上班"
    await screen.press("Tab", "Enter", "Tab")
    assert await screen.evaluate(FOCUSED) == "TEXTAREA"
    await screen.write("孩子生病")
    await shoot(screen, "answer-page-refusing-zh")
    await screen.evaluate("window.left = true")
    await screen.press("Tab", "Enter")
    await screen.arrive()
    assert await screen.evaluate("document.querySelector('h1').innerText") == "已收到您的拒绝"
    assert (await centre.question(a_change()))["reason"] == "孩子生病"
