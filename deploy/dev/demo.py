"""The demo centre at the start of `ringback dev`: entered once, remembered in the data folder."""

from __future__ import annotations

import structlog
from starlette.types import ASGIApp

from deploy.dev.clockwork import Clockwork
from deploy.dev.folder import DataFolder
from shared.platform.auth import Signer

log = structlog.get_logger(__name__)


async def show_demo(origin: ASGIApp, clockwork: Clockwork, signer: Signer, folder: DataFolder) -> None:
    """Enter the demo centre unless it was; a step that is refused is logged, and what is there can be used."""
    if folder.has_demo:
        return
    from deploy.demo.seed import NotEntered, Seeding, inside, seed  # noqa: PLC0415 - at the first start only

    print("正在录入示范数据（仅首次启动）… Entering the demo centre (at the first start only) …", flush=True)
    async with inside(origin) as client:
        seeding = Seeding(client, signer, clockwork.settle, clockwork.clock.now())
        try:
            folder.keep_people(await seed(seeding))
        except NotEntered as refused:
            log.error("demo_not_entered", reason=str(refused))
