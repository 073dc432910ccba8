"""Settings from the environment. A service's own settings extend `ServiceSettings` with the prefix `<NAME>_`."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What every process needs. Names are the environment's, in lower case."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = ""
    amqp_url: str = ""
    rabbitmq_management_url: str = ""
    jwks: str = ""
    """A URL or a file with the public keys that tokens are signed with."""
    jwt_issuer: str = "ringback"
    link_key_file: Path | None = None
    """The secret that signs answer links; made by `ringback provision` or mounted as a secret."""
    public_url: str = "http://127.0.0.1:8000"
    log_format: str = "json"
    rate_limit_per_minute: int = 12_000
    """Requests a minute that one person may make at one process; a system ten times that. 0: no limit."""
