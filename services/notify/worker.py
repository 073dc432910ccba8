"""The background of notify: what it hears, its timers, and the courier."""

from __future__ import annotations

from services.notify.channels import channels
from services.notify.consumers import HANDLERS, TIMERS
from services.notify.courier import Courier
from services.notify.links import links_from
from services.notify.settings import NotifySettings
from shared.platform.transport import Transport
from shared.platform.work import Database
from shared.platform.worker import Worker


def build(database: Database, transport: Transport) -> Worker:
    """The worker, on a database and a transport."""
    courier = Courier(database, channels(), links_from(NotifySettings()))
    return Worker(database, transport, handlers=HANDLERS, timers_=TIMERS, drains=[courier.drain])
