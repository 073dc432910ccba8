"""What `ringback provision` and `ringback migrate` do, with troubles told in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from deploy import provision
from deploy.environment import own_database_url, passwords, required
from deploy.keys import make_link_key
from deploy.trouble import Trouble, where
from shared.platform.auth import Signer
from shared.platform.settings import Settings
from shared.platform.topology import provision_broker


async def provision_given(settings: Settings, keys: Path | None, jwks: Path | None, link_key: Path | None) -> list[str]:
    """Provision whatever the settings name; what was done, in words. Everything is repeatable."""
    done = list(_secrets(keys, jwks, link_key))
    if settings.database_url:
        required(settings, "DATABASE_URL")
        with provision.database_troubles(settings.database_url):
            await provision.provision_database(settings.database_url, passwords("database"))
        done.append("数据库角色与模式 database roles and schemas")
    if settings.rabbitmq_management_url:
        required(settings, "RABBITMQ_MANAGEMENT_URL")
        await provision_broker_at(settings.rabbitmq_management_url, settings.amqp_url, passwords("broker"))
        done.append("消息队列与用户 broker topology and users")
    if not done:
        raise Trouble(
            "没有可做的事：请设置 DATABASE_URL、RABBITMQ_MANAGEMENT_URL，或给出 --keys、--link-key。",
            "Nothing to do: set DATABASE_URL or RABBITMQ_MANAGEMENT_URL, or give --keys or --link-key.",
        )
    return done


def _secrets(keys: Path | None, jwks: Path | None, link_key: Path | None) -> Iterator[str]:
    if keys:
        public = Signer(keys).jwks_file
        if jwks:
            jwks.parent.mkdir(parents=True, exist_ok=True)
            jwks.write_bytes(public.read_bytes())
        yield "签名密钥 signing key"
    if link_key:
        make_link_key(link_key)
        yield "链接密钥 link key"


async def migrate_all(settings: Settings, services: Sequence[str]) -> None:
    """Bring the services' schemas up to date, each with its own role."""
    required(settings, "DATABASE_URL")
    for service in services:
        url = own_database_url(settings.database_url, service)
        with provision.database_troubles(url):
            await provision.migrate(url, service)


async def provision_broker_at(management_url: str, amqp_url: str, users: dict[str, str] | None = None) -> None:
    """Make the topology in the virtual host that `amqp_url` names (`/` without one)."""
    vhost = unquote(urlsplit(amqp_url).path[1:]) or "/"
    try:
        await provision_broker(management_url, vhost=vhost, passwords=users or {})
    except (httpx.HTTPError, RuntimeError) as error:
        at = where(management_url)
        raise Trouble(
            f"无法设置 {at} 上的 RabbitMQ：{error}", f"RabbitMQ at {at} cannot be provisioned: {error}"
        ) from error
