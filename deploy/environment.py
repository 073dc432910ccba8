"""Settings that commands read from the environment, refused in words when they are missing or wrong."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from deploy.provision import role_of, with_role
from deploy.trouble import Trouble
from shared.contracts.routes import SERVICES
from shared.platform.settings import Settings

EXAMPLES = {
    "DATABASE_URL": "postgresql://user:password@host:5432/ringback",
    "AMQP_URL": "amqp://user:password@host:5672/",
    "RABBITMQ_MANAGEMENT_URL": "http://user:password@host:15672",
    "JWKS": "https://id.example.com/jwks.json",
}


def required(settings: Settings, *names: str) -> None:
    """Refuse to go on without these variables; URLs must at least look like their example."""
    for name in names:
        value = getattr(settings, name.lower())
        if not value:
            raise Trouble(
                f"缺少环境变量 {name}，例如 {EXAMPLES[name]}。",
                f"The environment variable {name} is missing; for example {EXAMPLES[name]}.",
            )
        scheme = EXAMPLES[name].partition(":")[0]
        if name != "JWKS" and not value.startswith((f"{scheme}://", f"{scheme}s://", "postgres://")):
            raise Trouble(
                f"环境变量 {name} 应形如 {EXAMPLES[name]}。",
                f"The environment variable {name} should look like {EXAMPLES[name]}.",
            )


def chosen(services: list[str]) -> list[str]:
    """The services named, or all; an unknown name is refused."""
    if unknown := [name for name in services if name not in SERVICES]:
        raise Trouble(
            f"没有服务 {', '.join(unknown)}。可用：{', '.join(SERVICES)}。",
            f"There is no service {', '.join(unknown)}. Choose from {', '.join(SERVICES)}.",
        )
    return services or list(SERVICES)


def passwords(kind: str) -> dict[str, str]:
    """The services' own passwords, `<SERVICE>_<KIND>_PASSWORD`, as far as they are given."""
    found = {service: os.environ.get(f"{service}_{kind}_PASSWORD".upper(), "") for service in SERVICES}
    return {service: password for service, password in found.items() if password}


def own_database_url(database_url: str, service: str) -> str:
    """`database_url` for the service's own role, unless it names that role already."""
    role = role_of(service)
    if urlsplit(database_url).username == role:
        return database_url
    return with_role(database_url, role, passwords("database").get(service))
