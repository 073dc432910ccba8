"""Settings of the notify service, from the environment. A secret `X` may be given as a file instead: `X_FILE`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class NotifySettings(BaseSettings):
    """`NOTIFY_*`, or the name without the prefix where every process shares the value."""

    model_config = SettingsConfigDict(extra="ignore", env_prefix="NOTIFY_")

    public_url: str = Field("http://127.0.0.1:8000", validation_alias=AliasChoices("NOTIFY_PUBLIC_URL", "PUBLIC_URL"))
    """Where people's browsers reach this origin; answer links begin with it."""
    capture: bool = True
    """No real channel is set up: whoever sees all messages also sees their answer links, as their reader would."""
    link_key_file: Path | None = Field(None, validation_alias=AliasChoices("NOTIFY_LINK_KEY_FILE", "LINK_KEY_FILE"))
    """The secret that signs answer links, the same for every process; made when the file is missing."""

    webhook_private: bool = False
    """Whether webhooks may lead to private and local addresses, and over plain http."""

    send_seconds: float = Field(20, gt=0, le=300)
    """How long a provider may take to answer; after that the outcome is unknown."""

    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = Field("starttls", pattern="^(starttls|tls|none)$")
    smtp_username: str = ""
    smtp_password: SecretStr = SecretStr("")
    mail_from: str = "Ringback <ringback@localhost>"

    wecom_url: str = "https://qyapi.weixin.qq.com"
    wecom_corp_id: str = ""
    wecom_agent_id: int = 0
    wecom_secret: SecretStr = SecretStr("")
    wecom_bots: SecretStr = SecretStr("")
    """Group bots: `name=key` pairs, separated by spaces or line breaks; a contact's address is the name."""

    dingtalk_url: str = "https://oapi.dingtalk.com"
    dingtalk_app_key: str = ""
    dingtalk_app_secret: SecretStr = SecretStr("")
    dingtalk_agent_id: int = 0
    dingtalk_robots: SecretStr = SecretStr("")
    """Group robots: `name=access_token` or `name=access_token,signing_secret`."""

    feishu_url: str = "https://open.feishu.cn"
    feishu_app_id: str = ""
    feishu_app_secret: SecretStr = SecretStr("")
    feishu_id_type: str = Field("user_id", pattern="^(user_id|open_id|union_id|email)$")
    feishu_bots: SecretStr = SecretStr("")
    """Group bots: `name=token` or `name=token,signing_secret`."""

    sms_url: str = ""
    """The gateway's address for one message; see channels.sms for what it is sent and answers."""
    sms_secret: SecretStr = SecretStr("")

    apprise_targets: SecretStr = SecretStr("")
    """`name=url` pairs; `{address}` in a URL is the part of a contact's address after the colon."""

    cases_url: str = Field("", validation_alias=AliasChoices("NOTIFY_CASES_URL", "CASES_URL"))
    """Where customers' addresses are asked for; the public URL when not given."""
    signing_keys: Path | None = Field(None, validation_alias=AliasChoices("NOTIFY_SIGNING_KEYS", "SIGNING_KEYS"))
    """A folder with the site's own signing key, to sign notify's token with."""
    jwt_issuer: str = Field("ringback", validation_alias=AliasChoices("NOTIFY_JWT_ISSUER", "JWT_ISSUER"))
    token_url: str = ""
    """Else the organisation's identity provider, for a token by client credentials."""
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")

    @model_validator(mode="before")
    @classmethod
    def _read_secret_files(cls, given: dict[str, Any]) -> dict[str, Any]:
        files = _SecretFiles().model_dump(exclude_none=True)
        return given | {name: file.read_text().strip() for name, file in files.items()}

    def pairs(self, name: str) -> dict[str, str]:
        """The `name=value` pairs of a setting."""
        secret: SecretStr = getattr(self, name)
        found = (pair.partition("=") for pair in secret.get_secret_value().split())
        return {key: value for key, _, value in found if key and value}


class _SecretFiles(BaseSettings):
    """Where secrets lie that are given as files."""

    model_config = SettingsConfigDict(
        extra="ignore", env_prefix="NOTIFY_", alias_generator=lambda name: f"NOTIFY_{name.upper()}_FILE"
    )

    smtp_password: Path | None = None
    wecom_secret: Path | None = None
    wecom_bots: Path | None = None
    dingtalk_app_secret: Path | None = None
    dingtalk_robots: Path | None = None
    feishu_app_secret: Path | None = None
    feishu_bots: Path | None = None
    sms_secret: Path | None = None
    apprise_targets: Path | None = None
    client_secret: Path | None = None
