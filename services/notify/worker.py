"""The background of notify: what it hears, its timers, and the courier."""

from __future__ import annotations

from services.notify.channels import channels
from services.notify.consumers import HANDLERS, TIMERS, apply
from services.notify.courier import Courier
from services.notify.links import links_from
from services.notify.settings import NotifySettings
from services.notify.watchdog import Watchdog
from shared.platform.transport import Transport
from shared.platform.work import Database
from shared.platform.worker import Worker


def build(database: Database, transport: Transport) -> Worker:
    """The worker, on a database and a transport."""
    settings = NotifySettings()
    courier = Courier(database, channels(settings), links_from(settings))
    return Worker(
        database,
        transport,
        handlers=HANDLERS,
        timers_=TIMERS,
        apply=apply,
        at_once=1,
        drains=[*courier.drains, Watchdog(database).look],
        closing=[courier.close],
    )
