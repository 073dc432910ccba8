"""The postman: delivers events to webhooks, outside any transaction, signed, and notes what became of it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta

import httpx
import structlog
from prometheus_client import Counter
from standardwebhooks import Webhook as Signing

from services.notify.channels.pinned import AddressForbidden, PinnedTransport
from services.notify.commands.webhooks import Parcel, claim, report
from services.notify.domain.webhook import Attempt
from services.notify.links import Links
from shared.contracts.codec import CONTENT_TYPE
from shared.platform.db import storable
from shared.platform.work import Database

log = structlog.get_logger(__name__)

AT_ONCE = 50
SECONDS = 15.0
KEPT_OF_ANSWER = 300

DELIVERIES = Counter("ringback_notify_webhook_attempts_total", "Attempts to deliver to webhooks", ("outcome",))


class Postman:
    """Claims, sends, reports. Several may work side by side; `private`: addresses in private ranges are allowed."""

    def __init__(
        self, database: Database, links: Links, *, private: bool, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._database = database
        self._links = links
        self._client = httpx.AsyncClient(
            timeout=SECONDS,
            transport=transport or PinnedTransport(private=private),
            trust_env=False,
            follow_redirects=False,
        )

    async def drain(self) -> int:
        """Send every delivery that is due; how many attempts were made."""
        count = 0
        while parcels := await self._claim():
            attempts = await asyncio.gather(*(self._attempt(parcel) for parcel in parcels))
            await self._report(list(zip(parcels, attempts, strict=True)))
            count += len(parcels)
        return count

    async def close(self) -> None:
        """Let go of every connection."""
        await self._client.aclose()

    async def _claim(self) -> list[Parcel]:
        async with self._database.work() as work:
            return await claim(work, AT_ONCE)

    async def _report(self, attempts: Sequence[tuple[Parcel, Attempt]]) -> None:
        for _, attempt in attempts:
            DELIVERIES.labels("taken" if attempt.took_it else str(attempt.status or "no-answer")).inc()
        async with self._database.work() as work:
            await report(work, attempts, random.random())  # noqa: S311

    async def _attempt(self, parcel: Parcel) -> Attempt:
        started_at = self._database.clock.now()
        status, error, answer, wait = None, None, None, None
        try:
            async with (
                asyncio.timeout(2 * SECONDS),
                self._client.stream(
                    "POST", parcel.webhook.url, content=parcel.delivery.body, headers=self._headers(parcel)
                ) as response,
            ):
                status, wait = response.status_code, _wait(response)
                answer = storable((await _beginning(response)).decode(errors="replace"))
        except AddressForbidden:
            error = "address-forbidden"
        except (httpx.HTTPError, OSError, TimeoutError) as failure:
            error = type(failure).__name__
        ended_at = self._database.clock.now()
        return Attempt(started_at=started_at, ended_at=ended_at, status=status, error=error, answer=answer, wait=wait)

    def _headers(self, parcel: Parcel) -> dict[str, str]:
        """The Standard Webhooks headers, signed with every live secret; the id stays the same when sent again."""
        delivery, webhook = parcel.delivery, parcel.webhook
        now = self._database.clock.now()
        secrets = [self._links.webhook_secret(webhook.webhook_id, number) for number in webhook.live_secrets(now)]
        body = delivery.body.decode()
        signatures = [Signing(secret).sign(str(delivery.event_id), now, body) for secret in secrets]
        return {
            "content-type": CONTENT_TYPE,
            "user-agent": "Ringback-Webhooks/1",
            "webhook-id": str(delivery.event_id),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


async def _beginning(response: httpx.Response) -> bytes:
    """The beginning of an answer; a stranger's endless one is not read."""
    read = b""
    async for chunk in response.aiter_bytes():
        read += chunk
        if len(read) >= KEPT_OF_ANSWER:
            break
    return read[:KEPT_OF_ANSWER]


def _wait(response: httpx.Response) -> timedelta | None:
    """How long the receiver wants to be left alone."""
    told = response.headers.get("retry-after", "")
    if response.status_code not in (429, 503) or not (told.isascii() and told.isdigit() and len(told) < 7):
        return None
    return timedelta(seconds=int(told))
