"""The answer link: looked at by anything, answered only by its buttons, worthless when forged, late or another's."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
from dataclasses import fields, replace
from datetime import date, timedelta

import httpx
import pytest
from joserfc import jwt

from services.notify.links import Links
from shared.contracts.notify import AcknowledgementGiven, AcknowledgementOpened, AcknowledgementRefused
from shared.contracts.roster import (
    AgentChanged,
    Cell,
    DayChange,
    ShiftChangeConfirmed,
    ShiftChangeExpired,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)
from shared.platform.ids import new_id
from tests.conftest import START
from tests.integration.notify.conftest import DEADLINE, Centre, a_change, an_agent, then


@pytest.fixture
async def link(centre: Centre) -> str:
    """The link of a question that is open."""
    await centre.hear(a_change())
    await centre.settle()
    return await centre.link(a_change())


def plain(page: str) -> str:
    return re.sub("<[^>]+>", "", page)


async def test_scanners_that_look_again_and_again_change_nothing(centre: Centre, link: str) -> None:
    before = await centre.everything()

    async def scan(client: httpx.AsyncClient) -> None:
        for _ in range(3):
            for method in ("GET", "HEAD"):
                for path in (link, f"/notify/v1{link}", f"{link}?lang=en"):
                    assert (await client.request(method, path)).status_code == 200

    prefetch = {"Sec-Purpose": "prefetch;prerender", "Purpose": "prefetch", "X-Moz": "prefetch"}
    await asyncio.gather(*(scan(centre.api.client({"User-Agent": f"scanner {n}", **prefetch})) for n in range(20)))
    assert await centre.everything() == before


async def test_the_page_shows_every_day_before_and_after_in_local_time(centre: Centre, link: str) -> None:
    page = (await centre.anyone.get(link)).text
    assert '<html lang="zh-CN">' in page
    for words in (
        "李静",
        "3月3日 周二",
        "早 08:00–17:00",
        "夜 22:00–06:00 次日",
        "休息",
        "3月2日 周一 17:00",
        "新业务上线",
    ):
        assert words in plain(page)
    english = (await centre.anyone.get(link, params={"lang": "en"})).text
    assert '<html lang="en">' in english
    for words in ("Tue 3 Mar", "夜 22:00–06:00 next day", "day off", "Mon 2 Mar, 17:00"):
        assert words in plain(english)


async def test_the_page_speaks_the_persons_own_language(centre: Centre, link: str) -> None:
    facts = {f.name: getattr(an_agent("A001"), f.name) for f in fields(AgentChanged)}
    await centre.hear(AgentChanged(**{**facts, "language": "en"}), 2)
    assert '<html lang="en">' in (await centre.anyone.get(link)).text


async def test_the_page_is_small_scriptless_and_keeps_to_itself(centre: Centre) -> None:
    cell = Cell(code="超长班次代码", starts_at=START, ends_at=START + timedelta(hours=14))
    days = tuple(DayChange(on=date(2026, 3, 1) + timedelta(days=n), before=cell, after=cell) for n in range(62))
    change = a_change(days=days, note="说" * 1000, agent_name='<b>"李静"</b>')
    await centre.hear(change)
    await centre.settle()
    answer = await centre.anyone.get(await centre.link(change))
    assert len(answer.content) < 20_000
    assert "<script" not in answer.text
    assert "<b>" not in answer.text.replace("<b>说明</b>", "")
    headers = answer.headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    style = re.search(r"<style>(.*?)</style>", answer.text, re.S)
    assert style
    hashed = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "script" not in headers["content-security-policy"]


async def test_seen_is_noted_and_is_no_confirmation(centre: Centre, link: str) -> None:
    page = await centre.anyone.post(link, data={"answer": "seen"})
    assert page.status_code == 200
    assert "这还不算确认" in page.text
    asked = await centre.question(a_change())
    assert (asked["state"], asked["opened_at"] is not None) == ("open", True)
    await centre.anyone.post(link, data={"answer": "seen"})
    assert len([e for e in await centre.published() if isinstance(e, AcknowledgementOpened)]) == 1
    await centre.move_to(START + timedelta(hours=4))
    assert await centre.templates("A001") == ["asked", "reminder"]


async def test_a_double_click_confirms_once_and_a_second_use_says_when(centre: Centre, link: str) -> None:
    both = await asyncio.gather(*(centre.anyone.post(link, data={"answer": "confirm"}) for _ in range(2)))
    assert [page.status_code for page in both] == [200, 200]
    centre.clock.move_to(START + timedelta(minutes=5))
    again = await centre.anyone.post(f"{link}?lang=en", data={"answer": "confirm"})
    assert again.status_code == 200
    assert "You had answered already" in again.text
    assert "You confirmed at Mon 2 Mar, 09:00" in again.text
    [given] = [e for e in await centre.published() if isinstance(e, AcknowledgementGiven)]
    assert given.channel == "link"
    assert "早 08:00–17:00 → 夜 22:00–06:00 次日" in given.shown
    await centre.move_to(DEADLINE)
    assert await centre.templates("A001") == ["asked"]


async def test_a_refusal_needs_a_reason_and_stands(centre: Centre, link: str) -> None:
    empty = await centre.anyone.post(link, data={"answer": "refuse", "reason": "  "})
    assert empty.status_code == 422
    assert "请先写明原因" in empty.text
    assert '<details class="card" open>' in empty.text
    refused = await centre.anyone.post(link, data={"answer": "refuse", "reason": "孩子<生病>"})
    assert refused.status_code == 200
    assert "孩子&lt;生病&gt;" in refused.text
    [event] = [e for e in await centre.published() if isinstance(e, AcknowledgementRefused)]
    assert (event.reason, event.channel) == ("孩子<生病>", "link")
    changed = await centre.anyone.post(link, data={"answer": "confirm"})
    assert changed.status_code == 409
    assert "不能在此更改" in changed.text


async def test_the_link_of_a_replaced_question_shows_the_new_state_and_confirms_nothing(
    centre: Centre, link: str
) -> None:
    newer = a_change(
        change_id=new_id(),
        number=3,
        days=(DayChange(on=date(2026, 3, 3), before=Cell(code="早"), after=Cell(code="培训")),),
    )
    superseded = then(a_change(), ShiftChangeSuperseded, superseded_at=START, by_number=3, by_change_id=newer.change_id)
    await centre.hear(superseded, 2)
    early = await centre.anyone.get(link)
    assert "班表第 3 版中的新变动会另行通知您" in early.text
    await centre.hear(newer)
    await centre.settle()
    shown = await centre.anyone.get(link)
    assert shown.status_code == 200
    assert "培训" in shown.text
    assert "<form" not in shown.text
    before = await centre.everything()
    for answer in ("confirm", "refuse", "seen"):
        assert (await centre.anyone.post(link, data={"answer": answer, "reason": "x"})).status_code == 410
    assert await centre.everything() == before
    onward = re.search(r'href="[^"]*(/a/[^"]+)"', shown.text)
    assert onward
    confirmed = await centre.anyone.post(onward[1], data={"answer": "confirm"})
    assert confirmed.status_code == 200
    assert (await centre.question(newer))["answer"] == "given"


async def test_the_link_of_a_question_that_is_over_says_so(centre: Centre, link: str) -> None:
    await centre.hear(then(a_change(), ShiftChangeWithdrawn, withdrawn_at=START, reason="排错了"), 2)
    assert "这次变动已取消" in (await centre.anyone.get(link)).text
    assert (await centre.anyone.post(link, data={"answer": "confirm"})).status_code == 410


async def test_an_answer_after_the_deadline_counts_for_nothing(centre: Centre, link: str) -> None:
    centre.clock.move_to(DEADLINE)
    late = await centre.anyone.post(link, data={"answer": "confirm"})
    assert late.status_code == 410
    assert "答复期限已过" in late.text
    await centre.hear(then(a_change(), ShiftChangeExpired, expired_at=DEADLINE), 2)
    assert (await centre.anyone.get(link)).status_code == 200
    assert (await centre.anyone.post(link, data={"answer": "confirm"})).status_code == 410
    assert not [e for e in await centre.published() if isinstance(e, AcknowledgementGiven)]


async def test_confirmed_elsewhere_shows_on_the_page(centre: Centre, link: str) -> None:
    await centre.hear(then(a_change(), ShiftChangeConfirmed, channel="phone", confirmed_at=START), 2)
    assert "已确认" in (await centre.anyone.get(link)).text


async def test_forged_expired_and_misused_links_are_told_to_people_in_both_languages(centre: Centre, link: str) -> None:
    links: Links = centre.api.app.state.links
    token = link.rpartition("/")[2]
    claims = links.read(token, START)
    wrong = [
        token[:-4] + ("AAAA" if not token.endswith("AAAA") else "BBBB"),
        Links(b"another key of thirty-two bytes.", "http://x").token(claims),
        links.token(replace(claims, staff_no="A002")),
        links.token(replace(claims, subject_version=9)),
        links.token(replace(claims, acknowledgement_id=new_id())),
        _with_payload(token, m="not an id"),
        _with_payload(token, p="other"),
        jwt.encode({"alg": "HS256"}, {"p": "reset", "s": claims.acknowledgement_id.hex}, links._key),
        _unsigned(token),
        "x" * 1500,
        "链接",
    ]
    before = await centre.everything()
    for bad in wrong:
        for answer in (
            await centre.anyone.get(f"/a/{bad}"),
            await centre.anyone.post(f"/a/{bad}", data={"answer": "confirm"}),
        ):
            assert answer.status_code == 401, bad
            assert "链接无效" in answer.text
            assert "not valid" in answer.text
            assert answer.headers["content-type"].startswith("text/html")
    assert await centre.everything() == before
    centre.clock.move_to(DEADLINE + timedelta(days=1))
    expired = await centre.anyone.get(link)
    assert expired.status_code == 410
    assert "链接已过期" in expired.text
    assert (await centre.anyone.post(link, data={"answer": "confirm"})).status_code == 410


def _with_payload(token: str, **changes: str) -> str:
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))) | changes
    return f"{head}.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.{signature}"


def _unsigned(token: str) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    return f"{header}.{token.split('.')[1]}."


async def test_nonsense_in_the_form_is_refused_on_a_page(centre: Centre, link: str) -> None:
    before = await centre.everything()
    post = centre.anyone.post
    assert (await post(link, data={"answer": "maybe"})).status_code == 422
    assert (await post(link, data={})).status_code in (400, 422)
    assert (await post(link, json={"answer": "confirm"})).status_code == 400
    assert (await post(link, data={"answer": "refuse", "reason": "长" * 20_000})).status_code == 413
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
    assert (await post(link, content=b"answer=\xff\xfe", headers=urlencoded)).status_code in (400, 422)
    assert (await post(link, content=b"&".join([b"a=b"] * 50), headers=urlencoded)).status_code == 400
    assert await centre.everything() == before


async def test_a_nul_in_a_reason_does_no_harm(centre: Centre, link: str) -> None:
    assert (await centre.anyone.post(link, data={"answer": "refuse", "reason": "a\x00b"})).status_code == 200
    assert (await centre.question(a_change()))["reason"] == "ab"


async def test_looking_twenty_times_while_answering_breaks_nothing(centre: Centre, link: str) -> None:
    looks = [centre.anyone.get(link) for _ in range(20)]
    answers = await asyncio.gather(centre.anyone.post(link, data={"answer": "confirm"}), *looks)
    assert {answer.status_code for answer in answers} == {200}
