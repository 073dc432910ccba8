"""The background of notify: what it hears, its timers, the courier and the postman."""

from __future__ import annotations

from services.notify.channels import channels
from services.notify.consumers import HANDLERS, TIMERS, apply
from services.notify.courier import Courier
from services.notify.links import links_from
from services.notify.postman import Postman
from services.notify.settings import NotifySettings
from services.notify.watchdog import Watchdog
from shared.platform.transport import Transport
from shared.platform.work import Database
from shared.platform.worker import Worker


def build(database: Database, transport: Transport) -> Worker:
    """The worker, on a database and a transport."""
    settings = NotifySettings()
    links = links_from(settings)
    courier = Courier(database, channels(settings), links)
    postman = Postman(database, links, private=settings.webhook_private)
    return Worker(
        database,
        transport,
        handlers=HANDLERS,
        timers_=TIMERS,
        apply=apply,
        at_once=1,
        drains=[*courier.drains, postman.drain, Watchdog(database).look],
        closing=[courier.close, postman.close],
    )
