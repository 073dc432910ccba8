"""Connections to the broker, and letting go of them even when it no longer answers.

aio-pika makes connections and channels. Messages pass through the channel that lies below its own (aiormq's), which
does less for each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import aio_pika
import aiormq
import yarl
from aio_pika.abc import AbstractConnection

from shared.platform.transport import OutOfReach

HEARTBEAT_SECONDS = 10
CONNECT_SECONDS = 5.0
CONFIRM_SECONDS = 10.0
"""A broker that takes longer to confirm counts as gone: what it may have taken is offered again."""
HANG_UP_SECONDS = 3.0


async def connect(url: str, name: str) -> AbstractConnection:
    """A connection that says whose it is; OutOfReach when the broker is out of reach or does not answer."""
    connection = aio_pika.Connection(
        yarl.URL(url).update_query(heartbeat=HEARTBEAT_SECONDS), client_properties={"connection_name": name}
    )
    connecting = asyncio.ensure_future(connection.connect())
    await asyncio.wait({connecting}, timeout=CONNECT_SECONDS)
    if connecting.done() and not connecting.cancelled() and connecting.exception() is None:
        return connection
    connecting.cancel()
    await hang_up(connection)
    why = connecting.exception() if connecting.done() and not connecting.cancelled() else "no answer"
    raise OutOfReach(f"cannot connect to the broker: {why!r}")


async def confirming_channel(connection: AbstractConnection) -> aiormq.Channel:
    """A channel with publisher confirms, where an unroutable mandatory message is an error (it is not by default)."""
    async with asyncio.timeout(CONNECT_SECONDS):
        opened = connection.channel(publisher_confirms=True, on_return_raises=True)
        await opened.initialize()
        channel = await opened.get_underlay_channel()
    assert isinstance(channel, aiormq.Channel)
    return channel


async def consumers_of(connection: AbstractConnection, queue: str) -> int:
    """How many consumers a queue has. Asked on a channel of its own, which the broker closes if there is no queue."""
    async with asyncio.timeout(CONNECT_SECONDS), connection.channel(publisher_confirms=False) as channel:
        declared = await channel.declare_queue(queue, passive=True)
    return declared.declaration_result.consumer_count or 0


async def missing_queues(connection: AbstractConnection, queues: Iterable[str]) -> frozenset[str]:
    """Those of the queues that do not exist."""
    missing = []
    for queue in queues:
        try:
            await consumers_of(connection, queue)
        except aiormq.ChannelNotFoundEntity:
            missing.append(queue)
    return frozenset(missing)


async def hang_up(connection: AbstractConnection) -> None:
    """Close a connection; one that does not answer is left behind."""
    closing = asyncio.ensure_future(connection.close())
    await asyncio.wait({closing}, timeout=HANG_UP_SECONDS)
    if closing.done():
        closing.cancelled() or closing.exception()
    closing.cancel()
