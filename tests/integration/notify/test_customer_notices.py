"""Notices to customers: once for each matter, to where cases says they are at that moment; nothing of it is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.notify.channels.customers import Customers, address_book
from services.notify.courier import Courier
from services.notify.domain.message import Report
from services.notify.links import Links
from services.notify.settings import NotifySettings
from shared.contracts.cases import NoticeRequested
from shared.contracts.cases.problem import NoticeField
from shared.contracts.notify import MessageDelivered, MessageFailed
from shared.platform.auth import Signer
from shared.platform.ids import new_id, stable_id
from tests.conftest import START, Api
from tests.integration.notify.conftest import Centre
from tests.integration.notify.test_delivery import Wire

PHONE = "13912345678"


def a_notice(*customers: UUID, **changes: Any) -> NoticeRequested:
    facts: dict[str, Any] = {
        "request_id": new_id(),
        "matter_type": "cases.problem",
        "matter_id": stable_id("problem"),
        "matter_version": 1,
        "template": "cases.problem.announced",
        "fields": (NoticeField(name="title", value="退款延迟"), NoticeField(name="text", value="正在处理。")),
        "customers": customers,
        "requested_at": START,
    }
    return NoticeRequested(**facts | changes)


@pytest.fixture
def cases(open_api: Callable[..., Api]) -> Api:
    return open_api("cases")


@pytest.fixture
async def customer(cases: Api) -> UUID:
    """A customer whom cases knows, with a telephone and an address of mail."""
    body = {
        "external_id": "C-1",
        "name": "赵女士",
        "identities": [{"kind": "phone", "value": PHONE}, {"kind": "email", "value": "zhao@example.com"}],
    }
    added = await cases.as_("manager").post("/cases/v1/customers", json=body)
    assert added.status_code == 201, added.text
    return UUID(added.json()["customer_id"])


CourierOf = Callable[..., Courier]


@pytest.fixture
async def courier(
    centre: Centre, cases: Api, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[CourierOf]:
    """A courier that asks the real cases service, with a token of its own."""
    monkeypatch.setenv("NOTIFY_SIGNING_KEYS", str(signer.jwks_file.parent))
    made: list[Courier] = []

    def with_(app: Any = None, **channels: Wire) -> Courier:
        book = address_book(NotifySettings(), httpx.ASGITransport(app or cases.app))
        everything = {"customer": Customers(book, channels), **channels}
        made.append(Courier(centre.database, everything, Links(b"k" * 32, "https://r.example")))
        return made[-1]

    yield with_
    for one in made:
        await one.close()


async def notices(centre: Centre, customer: UUID) -> list[dict[str, Any]]:
    return await centre.messages(customer_id=str(customer))


async def test_a_customer_is_told_once_of_each_version_of_a_matter(
    centre: Centre, customer: UUID, courier: CourierOf
) -> None:
    for notice in (a_notice(customer), a_notice(customer), a_notice(customer, matter_version=2)):
        await centre.hear(notice, times=2)
    sms = Wire()
    await courier(sms=sms).drain()
    assert [(one.address, one.title) for one in sms.sent] == [(f"+86{PHONE}", "关于您遇到的问题：退款延迟")] * 2
    shown = await notices(centre, customer)
    assert [(m["state"], m["via"], m["staff_no"]) for m in shown] == [("accepted", "sms", None)] * 2
    told = [one for one in await centre.published() if isinstance(one, MessageDelivered)]
    assert [(one.customer_id, one.channel, one.subject_type) for one in told] == [
        (customer, "sms", "cases.problem")
    ] * 2


async def test_a_notice_is_in_the_customers_own_language_where_cases_knows_it(
    centre: Centre, cases: Api, customer: UUID, courier: CourierOf
) -> None:
    other = await cases.as_("manager").post(
        "/cases/v1/customers",
        json={"name": "Ann", "language": "en", "identities": [{"kind": "phone", "value": "13812345678"}]},
    )
    assert other.json()["language"] == "en"
    ann = UUID(other.json()["customer_id"])
    eta = NoticeField(name="eta_at", value="2026-03-02T10:00:00Z")
    await centre.hear(a_notice(customer, ann, fields=(NoticeField(name="title", value="X1"), eta)))
    sms = Wire()
    await courier(sms=sms).drain()
    assert {one.language: one.title for one in sms.sent} == {
        "zh-CN": "关于您遇到的问题：X1", "en": "About the problem you met: X1",
    }  # fmt: skip
    assert "Mon 2 Mar, 18:00" in next(one.text for one in sms.sent if one.language == "en")
    [shown] = await notices(centre, ann)
    assert (shown["language"], shown["title"]) == ("en", "About the problem you met: X1")


async def test_neither_address_nor_name_is_kept_here(centre: Centre, customer: UUID, courier: CourierOf) -> None:
    await centre.hear(a_notice(customer))
    await courier(sms=Wire(Report("failed", f"{PHONE} is not in service", "address-unknown"))).drain()
    everything = repr(await centre.everything())
    assert PHONE not in everything
    assert "zhao@example.com" not in everything
    assert "赵女士" not in everything


async def test_the_next_of_the_customers_own_channels_is_tried(
    centre: Centre, customer: UUID, courier: CourierOf
) -> None:
    await centre.hear(a_notice(customer))
    email = Wire()
    await courier(sms=Wire(Report("failed", "no such number", "address-unknown")), email=email).drain()
    assert [one.address for one in email.sent] == ["zhao@example.com"]
    assert [(m["state"], m["via"]) for m in await notices(centre, customer)] == [("accepted", "email")]


async def test_somebody_who_is_not_to_be_contacted_is_not(
    centre: Centre, cases: Api, customer: UUID, courier: CourierOf
) -> None:
    manager = cases.as_("manager")
    known = await manager.get(f"/cases/v1/customers/{customer}")
    changed = await manager.patch(
        f"/cases/v1/customers/{customer}", json={"do_not_contact": True}, headers={"If-Match": known.headers["ETag"]}
    )
    assert changed.status_code == 200, changed.text
    await centre.hear(a_notice(customer))
    sms = Wire()
    await courier(sms=sms).drain()
    assert sms.sent == []
    assert [(m["state"], m["code"]) for m in await notices(centre, customer)] == [("failed", "do-not-contact")]
    [failed] = [one for one in await centre.published() if isinstance(one, MessageFailed)]
    assert failed.customer_id == customer


async def test_a_customer_nobody_knows_is_a_failure_and_cases_away_is_waited_for(
    centre: Centre, customer: UUID, courier: CourierOf
) -> None:
    stranger = new_id()
    await centre.hear(a_notice(stranger))
    await courier(sms=Wire()).drain()
    assert [m["code"] for m in await notices(centre, stranger)] == ["customer-unknown"]

    async def away(scope: Any, receive: Any, send: Any) -> None:
        raise httpx.ConnectError("nobody there")

    await centre.hear(a_notice(customer))
    await courier(away, sms=Wire()).drain()
    assert [(m["state"], m["code"]) for m in await notices(centre, customer)] == [("queued", "cases-away")]
    centre.clock.move_to(START + timedelta(seconds=15))
    await courier(sms=Wire()).drain()
    assert [m["state"] for m in await notices(centre, customer)] == ["accepted"]


async def test_customers_notices_are_not_for_everybodys_eyes(
    centre: Centre, customer: UUID, courier: CourierOf
) -> None:
    await centre.hear(a_notice(customer))
    for client in (centre.agent("A001"), centre.lead, centre.api.as_("agent")):
        assert (await client.get("/notify/v1/messages", params={"customer_id": str(customer)})).json()["items"] == []


async def test_a_link_that_cases_gives_with_the_address_is_put_in_and_not_kept() -> None:
    from uuid import UUID

    from services.notify.channels.customers import Reach
    from services.notify.channels.port import Outgoing

    class Book:
        async def reach(self, outgoing: Outgoing) -> Reach:
            return Reach([("sms", PHONE)], {"link": "https://r.example/s/secret"})

        async def close(self) -> None: ...

    sms = Wire()
    sent = Outgoing(message_id=UUID(int=1), address="c", title="t", text="请评价：{link}", link=None, language="zh-CN")
    for keeps, text in ((False, None), (True, "请评价：https://r.example/s/secret")):
        report = await Customers(Book(), {"sms": sms}, keeps_text=keeps).send(sent)
        assert (sms.sent[-1].text, report.text) == ("请评价：https://r.example/s/secret", text)
