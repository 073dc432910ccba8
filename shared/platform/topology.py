"""What the broker holds, and how it is made: `ringback provision` makes it, services only look whether it is there.

Queue arguments can never be changed, policies can: so a queue has two arguments at most (quorum; one active consumer
where order matters) and everything else is policy. Dead-lettering is at-least-once, which needs
`overflow=reject-publish` beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import httpx

from shared.contracts.routes import HEARS, IN_ANY_ORDER
from shared.platform.transport import RETRY_DELAYS_SECONDS

EXCHANGE = "events"
DELIVERY_LIMIT = 20
RETRY_NAMES = ("5s", "30s", "2m", "10m", "1h")

SAFE_DEAD_LETTERING = {
    "dead-letter-exchange": "",
    "dead-letter-strategy": "at-least-once",
    "overflow": "reject-publish",
}


def queue_of(service: str) -> str:
    """Where a service's events wait."""
    return f"svc.{service}"


def parked_queue_of(service: str) -> str:
    """Where the broker puts what it delivered too often."""
    return f"svc.{service}.parked"


def retry_queue_of(service: str, attempt: int) -> str:
    """Where a message waits after its `attempt`-th failed attempt (from 0): one queue for each delay, because a
    time-to-live expires at the head of a queue only."""
    return f"svc.{service}.retry.{RETRY_NAMES[attempt]}"


def retry_exchange_of(service: str) -> str:
    """The way to a service's retry queues. Its user may write there, and so into no other service's queues."""
    return f"retry.{service}"


async def provision_broker(
    management_url: str,
    *,
    vhost: str = "/",
    hears: Mapping[str, Sequence[str]] = HEARS,
    passwords: Mapping[str, str] | None = None,
    retry_delays_seconds: Sequence[float] = RETRY_DELAYS_SECONDS,
) -> None:
    """Make exchange, queues, bindings and policies, and a user for each service with a password. Repeatable.

    Bindings of types that a service no longer hears are removed.
    """
    async with httpx.AsyncClient(base_url=management_url, timeout=30) as client:
        broker = _Broker(client, vhost)
        await broker.make_vhost()
        await broker.put("exchanges", EXCHANGE, {"type": "topic", "durable": True})
        for service, types in hears.items():
            for name, definition in _policies(service, retry_delays_seconds):
                await broker.put("policies", name, definition)
            for queue in queues_of(service):
                await broker.put("queues", queue, {"durable": True, "arguments": arguments_of(service, queue)})
            await broker.bind(EXCHANGE, queue_of(service), types)
            await broker.put("exchanges", retry_exchange_of(service), {"type": "direct", "durable": True})
            for attempt in range(len(RETRY_NAMES)):
                queue = retry_queue_of(service, attempt)
                await broker.bind(retry_exchange_of(service), queue, [queue])
        for service, password in (passwords or {}).items():
            await broker.make_user(service, password)


def user_of(service: str) -> str:
    """The broker's user of a service."""
    return f"ringback_{service}"


def queues_of(service: str) -> tuple[str, ...]:
    """Every queue of a service."""
    retries = (retry_queue_of(service, attempt) for attempt in range(len(RETRY_NAMES)))
    return (parked_queue_of(service), *retries, queue_of(service))


def arguments_of(service: str, queue: str) -> dict[str, Any]:
    """What a queue of a service is declared with, for good."""
    alone = queue == queue_of(service) and service not in IN_ANY_ORDER
    return {"x-queue-type": "quorum"} | ({"x-single-active-consumer": True} if alone else {})


def _policies(service: str, delays: Sequence[float]) -> Iterator[tuple[str, dict[str, Any]]]:
    queue = queue_of(service)
    limit = {
        "delivery-limit": DELIVERY_LIMIT,
        "dead-letter-routing-key": parked_queue_of(service),
        **SAFE_DEAD_LETTERING,
    }
    yield queue, _policy(queue, limit)
    for attempt, seconds in enumerate(delays):
        name = retry_queue_of(service, attempt)
        wait = {"message-ttl": round(seconds * 1000), "dead-letter-routing-key": queue, **SAFE_DEAD_LETTERING}
        yield name, _policy(name, wait)


def _policy(queue: str, definition: dict[str, Any]) -> dict[str, Any]:
    return {"pattern": f"^{re.escape(queue)}$", "apply-to": "queues", "definition": definition}


class _Broker:
    """The management API of one virtual host."""

    def __init__(self, client: httpx.AsyncClient, vhost: str) -> None:
        self._client = client
        self._name = vhost
        self._vhost = quote(vhost, safe="")

    async def make_vhost(self) -> None:
        if (await self._client.get(f"/api/vhosts/{self._vhost}")).status_code == httpx.codes.NOT_FOUND:
            await self._ask("PUT", f"/api/vhosts/{self._vhost}", {})

    async def put(self, kind: str, name: str, body: dict[str, Any]) -> None:
        await self._ask("PUT", f"/api/{kind}/{self._vhost}/{name}", body)

    async def bind(self, exchange: str, queue: str, keys: Sequence[str]) -> None:
        path = f"/api/bindings/{self._vhost}/e/{exchange}/q/{queue}"
        bound = {binding["routing_key"]: binding["properties_key"] for binding in (await self._ask("GET", path)).json()}
        for key in keys:
            if key not in bound:
                await self._ask("POST", path, {"routing_key": key})
        for stale in bound.keys() - set(keys):
            await self._ask("DELETE", f"{path}/{bound[stale]}")

    async def make_user(self, service: str, password: str) -> None:
        """A user that reads its own queues only, and writes its own events and its own retries only."""
        user = user_of(service)
        await self._ask("PUT", f"/api/users/{user}", {"password": password, "tags": ""})
        mine = rf"^svc\.{service}(\.parked)?$"
        rights = {"configure": "^$", "write": rf"^({EXCHANGE}|retry\.{service})$", "read": mine}
        await self._ask("PUT", f"/api/permissions/{self._vhost}/{user}", rights)
        own_events = {"exchange": EXCHANGE, "write": rf"^{service}\.", "read": "^$"}
        await self._ask("PUT", f"/api/topic-permissions/{self._vhost}/{user}", own_events)

    async def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        answer = await self._client.request(method, path, json=body)
        if answer.is_error:
            raise RuntimeError(f"the broker refused {method} {path}: {answer.status_code} {answer.text}")
        return answer
