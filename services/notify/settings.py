"""Settings of the notify service, from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class NotifySettings(BaseSettings):
    """`NOTIFY_*`, or the name without the prefix where every process shares the value."""

    model_config = SettingsConfigDict(extra="ignore")

    public_url: str = Field("http://127.0.0.1:8000", validation_alias=AliasChoices("NOTIFY_PUBLIC_URL", "PUBLIC_URL"))
    """Where people's browsers reach this origin; answer links begin with it."""
    capture: bool = Field(True, validation_alias="NOTIFY_CAPTURE")
    """No real channel is set up: whoever sees all messages also sees their answer links, as their reader would."""
    link_key_file: Path | None = Field(None, validation_alias=AliasChoices("NOTIFY_LINK_KEY_FILE", "LINK_KEY_FILE"))
    """The secret that signs answer links, the same for every process; made when the file is missing."""
