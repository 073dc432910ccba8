"""Webhooks for integrators: subscriptions, their secrets, and the log of deliveries."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import Field
from pydantic_core import from_json, to_json
from starlette.responses import Response

from services.notify.channels.pinned import AddressForbidden, vetted
from services.notify.commands import webhooks as commands
from services.notify.domain.webhook import require_address
from services.notify.links import Links
from services.notify.queries import webhooks as queries
from shared.contracts.refusal import Fault, Refusal
from shared.platform.door import Door, opens
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Name, Text

router = Router(prefix="/webhooks", tags=["webhooks"])

Url = Annotated[Text, Field(max_length=1000)]
Patterns = Annotated[list[Code], Field(min_length=1, max_length=100, examples=[["cases.case.*"]])]


class NewWebhook(Body):
    """Where to send which events: types, or patterns such as `cases.case.*` and `*`."""

    url: Annotated[Url, Field(examples=["https://crm.example.com/ringback"])]
    events: Patterns
    description: Name | None = None


class WebhookChange(Body):
    """What is to be different; what is not named stays."""

    url: Url | None = None
    events: Patterns | None = None
    description: Name | None = None
    state: Literal["active", "paused"] | None = None


@router.post("", status_code=201, response_model=commands.WebhookView, operation_id="subscribe_webhook")
async def subscribe_webhook(body: NewWebhook, door: Door = opens("notify:configure")) -> Response:
    """Send these events to that address. The answer shows the signing secret, this once."""
    await _require_reachable(door, body.url)
    return _with_secret(door, await door.run(commands.subscribe, status=201, **body.model_dump()))


@router.get("", response_model=Page[commands.WebhookView], operation_id="list_webhooks")
async def list_webhooks(limit: Limit = 50, after: After = None, door: Door = opens("notify:configure")) -> Response:
    """Every subscription, newest first."""
    return await door.read(queries.webhooks, limit=limit, after=after)


@router.get("/{webhook_id}", response_model=commands.WebhookView, operation_id="get_webhook")
async def get_webhook(webhook_id: UUID, door: Door = opens("notify:configure")) -> Response:
    """One subscription."""
    return await door.read(queries.webhook, webhook_id=webhook_id)


@router.patch("/{webhook_id}", response_model=commands.WebhookView, operation_id="change_webhook")
async def change_webhook(webhook_id: UUID, body: WebhookChange, door: Door = opens("notify:configure")) -> Response:
    """Change a subscription; `active` also brings one back that was disabled."""
    version = door.if_match
    if body.url is not None:
        await _require_reachable(door, body.url)
    changes = {name: value for name, value in body.model_dump().items() if value is not None}
    return await door.run(commands.change_webhook, webhook_id=webhook_id, version=version, changes=changes)


@router.delete("/{webhook_id}", status_code=204, operation_id="unsubscribe_webhook")
async def unsubscribe_webhook(webhook_id: UUID, door: Door = opens("notify:configure")) -> Response:
    """Send nothing there any more, and forget what was sent."""
    return await door.run(commands.unsubscribe, status=204, webhook_id=webhook_id)


@router.post("/{webhook_id}/rotate", response_model=commands.WebhookView, operation_id="rotate_webhook_secret")
async def rotate_webhook_secret(webhook_id: UUID, door: Door = opens("notify:configure")) -> Response:
    """A new secret, shown this once; for 24 hours deliveries are signed with the one before it as well."""
    return _with_secret(door, await door.run(commands.rotate_secret, webhook_id=webhook_id))


@router.get("/{webhook_id}/deliveries", response_model=Page[commands.DeliveryView], operation_id="list_deliveries")
async def list_deliveries(
    webhook_id: UUID,
    *,
    state: Literal["queued", "sending", "delivered", "failed"] | None = None,
    limit: Limit = 50,
    after: After = None,
    door: Door = opens("notify:configure"),
) -> Response:
    """The log, newest first; kept for 30 days after a delivery is over."""
    return await door.read(queries.deliveries, webhook_id=webhook_id, state=state, limit=limit, after=after)


@router.get(
    "/{webhook_id}/deliveries/{delivery_id}", response_model=queries.DeliveryDetail, operation_id="get_delivery"
)
async def get_delivery(webhook_id: UUID, delivery_id: UUID, door: Door = opens("notify:configure")) -> Response:
    """One delivery: what was sent, and every attempt."""
    return await door.read(queries.delivery, webhook_id=webhook_id, delivery_id=delivery_id)


@router.post(
    "/{webhook_id}/deliveries/{delivery_id}/replay",
    response_model=commands.DeliveryView,
    operation_id="replay_delivery",
)
async def replay_delivery(webhook_id: UUID, delivery_id: UUID, door: Door = opens("notify:configure")) -> Response:
    """Send a delivery that is over once more, with the same event id."""
    return await door.run(commands.replay_delivery, webhook_id=webhook_id, delivery_id=delivery_id)


def _with_secret(door: Door, answer: Response) -> Response:
    """The answer with the secret in it: added here, so that it is not kept with the answer under an idempotency key."""
    links: Links = door.request.app.state.links
    shown = from_json(bytes(answer.body))
    shown["secret"] = links.webhook_secret(UUID(shown["webhook_id"]), shown["secret_number"])
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return Response(to_json(shown), answer.status_code, headers)


async def _require_reachable(door: Door, url: str) -> None:
    """Refuse an address that is none, is not known, or leads into a private range where that is not allowed."""
    private: bool = door.request.app.state.private_webhooks
    require_address(url, private=private)
    host = urlsplit(url).hostname or ""
    try:
        await vetted(host, 443, private=private)
    except AddressForbidden:
        raise Refusal("invalid-value", faults=(Fault("url", "webhook-address-forbidden", {}),)) from None
    except (OSError, TimeoutError, UnicodeError):
        fault = Fault("url", "webhook-host-unknown", {"host": host})
        raise Refusal("invalid-value", faults=(fault,)) from None
