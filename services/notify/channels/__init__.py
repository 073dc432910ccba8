"""The ways a message leaves the house, behind one small port."""

from __future__ import annotations

from collections.abc import Mapping

from services.notify.channels.captured import Captured
from services.notify.channels.customers import Customers, address_book
from services.notify.channels.dingtalk import DingTalkGroup, DingTalkNotice
from services.notify.channels.feishu import FeishuApp, FeishuGroup
from services.notify.channels.inbox import Inbox
from services.notify.channels.long_tail import LongTail
from services.notify.channels.port import Channel, OutcomeUnknown, Outgoing
from services.notify.channels.sms import Sms
from services.notify.channels.wecom import WeComApp, WeComGroup
from services.notify.channels.wire import Wire
from services.notify.domain.contact import GROUP_CHANNELS, INBOX, PERSONAL_CHANNELS
from services.notify.domain.message import CUSTOMER
from services.notify.settings import NotifySettings

__all__ = ["Channel", "OutcomeUnknown", "Outgoing", "channels"]


def channels(settings: NotifySettings) -> Mapping[str, Channel]:
    """Every channel that is set up, by name. While messages are captured none leaves the machine by any of them."""
    found = _captured() if settings.capture else _set_up(settings)
    return {INBOX: Inbox(), **found, CUSTOMER: Customers(address_book(settings), found, keeps_text=settings.capture)}


def _captured() -> dict[str, Channel]:
    return dict.fromkeys([*PERSONAL_CHANNELS, *GROUP_CHANNELS], Captured())


def _set_up(settings: NotifySettings) -> dict[str, Channel]:
    found: dict[str, Channel] = {**_wecom(settings), **_dingtalk(settings), **_feishu(settings)}
    if settings.smtp_host:
        from services.notify.channels.email import Email  # noqa: PLC0415 - its library is wanted only here

        found["email"] = Email(settings)
    if settings.sms_url:
        found["sms"] = Sms(_wire(settings, settings.sms_url), settings.sms_secret.get_secret_value())
    if targets := settings.pairs("apprise_targets"):
        found["apprise"] = LongTail(targets)
    return found


def _wecom(settings: NotifySettings) -> dict[str, Channel]:
    url, found = settings.wecom_url, dict[str, Channel]()
    if settings.wecom_corp_id:
        secret = settings.wecom_secret.get_secret_value()
        found["wecom"] = WeComApp(
            _wire(settings, url), corp_id=settings.wecom_corp_id, secret=secret, agent_id=settings.wecom_agent_id
        )
    if bots := settings.pairs("wecom_bots"):
        found["wecom_group"] = WeComGroup(_wire(settings, url), bots)
    return found


def _dingtalk(settings: NotifySettings) -> dict[str, Channel]:
    url, found = settings.dingtalk_url, dict[str, Channel]()
    if settings.dingtalk_app_key:
        secret = settings.dingtalk_app_secret.get_secret_value()
        found["dingtalk"] = DingTalkNotice(
            _wire(settings, url),
            app_key=settings.dingtalk_app_key,
            app_secret=secret,
            agent_id=settings.dingtalk_agent_id,
        )
    if robots := settings.pairs("dingtalk_robots"):
        found["dingtalk_group"] = DingTalkGroup(_wire(settings, url), robots)
    return found


def _feishu(settings: NotifySettings) -> dict[str, Channel]:
    url, found = settings.feishu_url, dict[str, Channel]()
    if settings.feishu_app_id:
        secret = settings.feishu_app_secret.get_secret_value()
        found["feishu"] = FeishuApp(
            _wire(settings, url), app_id=settings.feishu_app_id, app_secret=secret, id_type=settings.feishu_id_type
        )
    if bots := settings.pairs("feishu_bots"):
        found["feishu_group"] = FeishuGroup(_wire(settings, url), bots)
    return found


def _wire(settings: NotifySettings, url: str) -> Wire:
    return Wire(url, settings.send_seconds)
