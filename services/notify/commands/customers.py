"""Notices to customers: one for each customer and matter, to wherever cases says they are when it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from services.notify.domain.message import CUSTOMER, Message
from services.notify.store.messages import add_customer_notice
from services.notify.store.policies import load_catalogue
from shared.contracts.cases import NoticeRequested
from shared.platform.ids import new_id
from shared.platform.work import Work

OCCASION = "customer-notice"


async def notify_customer(
    work: Work,
    *,
    customer_id: UUID,
    matter_type: str,
    matter_id: UUID,
    matter_version: int,
    template: str,
    fields: Mapping[str, str],
    language: str = "zh-CN",
) -> None:
    """Queue a notice; the same customer is told of the same version of a matter once, whatever is replayed."""
    words = (await load_catalogue(work)).render(template, language, fields)
    await add_customer_notice(
        work,
        Message(
            message_id=new_id(),
            about_id=matter_id,
            occasion=OCCASION,
            number=0,
            staff_no=None,
            customer_id=customer_id,
            channel=CUSTOMER,
            template=template,
            language=language,
            title=words.title,
            text=words.text,
            queued_at=work.now,
            next_at=work.now,
            subject_type=matter_type,
            subject_id=matter_id,
            subject_version=matter_version,
        ),
    )


async def notify_customers(work: Work, event: NoticeRequested) -> None:
    """Queue a notice for every customer that cases names."""
    fields = {one.name: one.value for one in event.fields}
    for customer_id in event.customers:
        await notify_customer(
            work,
            customer_id=customer_id,
            matter_type=event.matter_type,
            matter_id=event.matter_id,
            matter_version=event.matter_version,
            template=event.template,
            fields=fields,
        )
