"""Notices to customers: one for each customer and matter, to wherever cases says they are when it is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from uuid import UUID

from services.notify.commands.telling import Facts
from services.notify.domain.local_time import moment, zone_of
from services.notify.domain.message import CUSTOMER, LINK_MARK, Message
from services.notify.settings import NotifySettings
from services.notify.store.crowd import load_teams
from services.notify.store.messages import add_customer_notices
from services.notify.store.policies import load_catalogue
from shared.contracts.cases import NoticeField, NoticeRequested
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id
from shared.platform.work import Work

OCCASION = "customer-notice"
FIRST, OTHER = "zh-CN", "en"
"""Customers whose language cases does not know read the first."""


async def notify_customers(
    work: Work,
    *,
    customers: Sequence[UUID],
    matter_type: str,
    matter_id: UUID,
    matter_version: int,
    template: str,
    fields: Facts,
) -> None:
    """Queue the same notice to many customers, each of whom is told of this version of the matter once.

    It is kept in both languages until cases says, with the address, which one the customer speaks.
    """
    catalogue = await load_catalogue(work)
    if not catalogue.knows(template):
        raise Refusal("template-missing", template=template)
    words, other = (
        catalogue.render(template, language, {"link": LINK_MARK, **fields(language)}) for language in (FIRST, OTHER)
    )
    notices = [
        Message(
            message_id=new_id(),
            about_id=matter_id,
            occasion=OCCASION,
            number=0,
            staff_no=None,
            customer_id=customer_id,
            channel=CUSTOMER,
            template=template,
            language=FIRST,
            title=words.title,
            text=words.text,
            other_title=other.title,
            other_text=other.text,
            queued_at=work.now,
            next_at=work.now,
            subject_type=matter_type,
            subject_id=matter_id,
            subject_version=matter_version,
        )
        for customer_id in customers
    ]
    await add_customer_notices(work, notices)


async def tell_customers(work: Work, event: NoticeRequested) -> None:
    """Queue a notice for every customer that cases names."""
    zone = await _zone(work)
    await notify_customers(
        work,
        customers=event.customers,
        matter_type=event.matter_type,
        matter_id=event.matter_id,
        matter_version=event.matter_version,
        template=event.template,
        fields=lambda language: {one.name: _readable(one, zone, language) for one in event.fields},
    )


def _readable(field: NoticeField, zone: str, language: str) -> str:
    """A field as a customer reads it: times on the centre's clock, links with the address they begin with."""
    if field.name == "link" and field.value.startswith("/"):
        return f"{_public_url()}{field.value}"
    if not field.name.endswith("_at"):
        return field.value
    try:
        return moment(datetime.fromisoformat(field.value), zone_of(zone), language)
    except ValueError:
        return field.value


async def _zone(work: Work) -> str:
    """The zone that most teams are in: customers have none that we know of."""
    zones = [team.zone for team in (await load_teams(work)).values()]
    return max(set(zones), key=zones.count) if zones else "Asia/Shanghai"


@cache
def _public_url() -> str:
    return NotifySettings().public_url.rstrip("/")
