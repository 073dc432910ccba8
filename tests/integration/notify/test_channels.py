"""Every channel against a provider that speaks as the real one does: accepted, refused, too fast, and in doubt."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deploy.fakes.mail import MailServer
from deploy.fakes.providers import SECRETS, Providers, settings_for
from deploy.ports import free_port
from services.notify.channels import Channel, OutcomeUnknown, Outgoing, channels
from services.notify.channels.customers import Customers, Reach
from services.notify.channels.dingtalk import signature as dingtalk_signature
from services.notify.channels.feishu import signature as feishu_signature
from services.notify.channels.wire import shortened
from services.notify.domain.message import Report
from services.notify.settings import NotifySettings
from tests.serving import serving

SENT = Outgoing(
    message_id=UUID(int=7),
    address="zhangsan",
    title="班次变动，请确认",
    text="李静，您的班次有变动。",
    link="https://ring.example/a/token",
    language="zh-CN",
)
BOTS = {"wecom_group": "wecom-bot", "dingtalk_group": "dingtalk-bot", "feishu_group": "feishu-bot"}
APPS = ("wecom", "dingtalk", "feishu", "sms")


@pytest.fixture
async def providers() -> AsyncIterator[tuple[Providers, str]]:
    """The fakes, and their address."""
    fakes = Providers(secrets=dict(SECRETS))
    async with serving(fakes) as url:
        yield fakes, url


SetUp = Callable[..., dict[str, Channel]]


@pytest.fixture
async def set_up(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SetUp]:
    """Make the channels with these settings; they wait long for an answer, for a busy machine's sake."""
    made: list[dict[str, Channel]] = []

    def with_(**settings: str) -> dict[str, Channel]:
        for name, value in ({"NOTIFY_SEND_SECONDS": "20", "NOTIFY_CAPTURE": "false"} | settings).items():
            monkeypatch.setenv(name, value)
        made.append(dict(channels(NotifySettings())))
        return made[-1]

    yield with_
    for some in made:
        for channel in some.values():
            await channel.close()


@pytest.fixture
def found(providers: tuple[Providers, str], set_up: SetUp) -> dict[str, Channel]:
    """The channels, set up for the fakes."""
    return set_up(**settings_for(providers[1]))


@pytest.fixture
def mail(set_up: SetUp) -> Iterator[tuple[MailServer, Channel]]:
    """A mail server, and the channel set up for it."""
    server = MailServer(free_port())
    server.start()
    found = set_up(NOTIFY_SMTP_HOST="127.0.0.1", NOTIFY_SMTP_PORT=str(server.port), NOTIFY_SMTP_SECURITY="none")
    yield server, found["email"]
    server.stop()


async def outcome(channel: Channel, outgoing: Outgoing) -> tuple[str, str | None]:
    """How an attempt ended, as the courier would take it."""
    try:
        report = await channel.send(outgoing)
    except (TimeoutError, OutcomeUnknown):
        return "in-doubt", None
    return report.outcome, report.code


def to(name: str) -> Outgoing:
    """The message, addressed as that channel addresses people (or groups)."""
    address = "floor" if name in BOTS else {"sms": "13812345678"}.get(name, "zhangsan")
    return replace(SENT, address=address, link=None if name in BOTS else SENT.link)


@pytest.mark.parametrize("name", [*APPS, *BOTS])
async def test_a_provider_that_takes_a_message_has_accepted_it_and_no_more(
    providers: tuple[Providers, str], found: dict[str, Channel], name: str
) -> None:
    assert await outcome(found[name], to(name)) == ("accepted", None)
    [taken] = providers[0].reached(BOTS.get(name, name))
    assert taken.text.startswith("班次变动，请确认\n李静，您的班次有变动。")
    assert ("https://ring.example/a/token" in taken.text) == (name in APPS)


@pytest.mark.parametrize(
    ("name", "mood", "ended"),
    [
        ("wecom", "invalid-user", ("failed", "address-unknown")),
        ("wecom", "invalid-among-ok", ("failed", "address-unknown")),
        ("wecom", "refused", ("failed", "not-permitted")),
        ("wecom", "throttled", ("throttled", "throttled")),
        ("wecom", "busy", ("try-again", "provider-busy")),
        ("wecom_group", "unknown-bot", ("failed", "bot-unknown")),
        ("wecom_group", "refused", ("failed", "refused")),
        ("wecom_group", "throttled", ("throttled", "throttled")),
        ("dingtalk", "invalid-user", ("failed", "address-unknown")),
        ("dingtalk", "refused", ("failed", "refused")),
        ("dingtalk", "throttled", ("throttled", "throttled")),
        ("dingtalk", "busy", ("try-again", "provider-busy")),
        ("dingtalk_group", "refused", ("failed", "not-permitted")),
        ("dingtalk_group", "unknown-bot", ("failed", "bot-unknown")),
        ("dingtalk_group", "throttled", ("throttled", "throttled")),
        ("feishu", "invalid-user", ("failed", "address-unknown")),
        ("feishu", "refused", ("failed", "not-permitted")),
        ("feishu", "throttled", ("throttled", "throttled")),
        ("feishu", "busy", ("try-again", "provider-busy")),
        ("feishu_group", "unknown-bot", ("failed", "bot-unknown")),
        ("feishu_group", "refused", ("failed", "not-permitted")),
        ("feishu_group", "throttled", ("throttled", "throttled")),
        ("sms", "invalid-user", ("failed", "address-unknown")),
        ("sms", "refused", ("failed", "refused")),
        ("sms", "throttled", ("throttled", "throttled")),
        ("sms", "busy", ("try-again", "provider-busy")),
    ],
)
async def test_a_refusal_is_a_failure_even_with_http_200(
    providers: tuple[Providers, str], found: dict[str, Channel], name: str, mood: str, ended: tuple[str, str]
) -> None:
    provider = BOTS.get(name, name)
    providers[0].plan(provider, mood)
    assert await outcome(found[name], to(name)) == ended
    assert providers[0].reached(provider) == []


@pytest.mark.parametrize("mood", ["silent", "cut", "garbage", "broken"])
@pytest.mark.parametrize("name", [*APPS, *BOTS])
async def test_an_answer_that_never_comes_or_says_nothing_leaves_doubt(
    providers: tuple[Providers, str], set_up: SetUp, name: str, mood: str
) -> None:
    patience = {"NOTIFY_SEND_SECONDS": "1"} if mood == "silent" else {}
    providers[0].plan(BOTS.get(name, name), mood)
    channel = set_up(**settings_for(providers[1]), **patience)[name]
    assert await outcome(channel, to(name)) == ("in-doubt", None)


@pytest.mark.parametrize("name", APPS)
async def test_a_repetition_after_doubt_reaches_the_reader_once(
    providers: tuple[Providers, str], found: dict[str, Channel], name: str
) -> None:
    assert found[name].deduplicates
    providers[0].plan(name, "cut")
    assert await outcome(found[name], to(name)) == ("in-doubt", None)
    assert await outcome(found[name], to(name)) == ("accepted", None)
    assert (providers[0].calls[name], len(providers[0].reached(name))) == (2, 1)


@pytest.mark.parametrize("name", BOTS)
async def test_a_group_cannot_drop_repetitions_and_is_not_said_to(found: dict[str, Channel], name: str) -> None:
    assert not found[name].deduplicates
    assert found[name].pace is not None


def test_the_providers_limits_are_kept_for_each_member_and_each_group(found: dict[str, Channel]) -> None:
    limits = {name: (pace.most, pace.within) for name, channel in found.items() if (pace := channel.pace)}
    minute = timedelta(minutes=1)
    assert limits["wecom"] == (30, minute)
    assert {limits[name] for name in BOTS} == {(20, minute)}


async def test_secrets_come_from_files_too_and_are_neither_in_reports_nor_in_logs(
    providers: tuple[Providers, str], set_up: SetUp, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fakes, url = providers
    secret = tmp_path / "wecom-secret"
    secret.write_text("the-wecom-secret\n")
    given = {name: value for name, value in settings_for(url).items() if name != "NOTIFY_WECOM_SECRET"}
    wecom = set_up(**given, NOTIFY_WECOM_SECRET_FILE=str(secret))["wecom"]
    fakes.plan("wecom", "ok", "refused", "stale-token", "ok", "garbage")
    reports = []
    for _ in range(3):
        reports.append(repr(await wecom.send(to("wecom"))))
    with pytest.raises(OutcomeUnknown) as doubt:
        await wecom.send(to("wecom"))
    told = " ".join([*reports, str(doubt.value), *capsys.readouterr(), repr(NotifySettings())])
    assert "the-wecom-secret" not in told
    assert not any(f"token-{number}" in told for number in range(1, fakes.tokens_given + 1))
    assert fakes.tokens_given >= 1


@pytest.mark.parametrize("name", [*APPS, *BOTS])
async def test_nobody_listening_means_surely_not_sent(set_up: SetUp, name: str) -> None:
    channel = set_up(**settings_for(f"http://127.0.0.1:{free_port()}"))[name]
    try:
        report = await channel.send(to(name))
    except ConnectionError:
        return
    assert report.outcome == "try-again"


async def test_a_slow_provider_is_waited_for(providers: tuple[Providers, str], found: dict[str, Channel]) -> None:
    providers[0].plan("wecom", "slow")
    assert await outcome(found["wecom"], to("wecom")) == ("accepted", None)


@pytest.mark.parametrize("name", ["wecom", "dingtalk", "feishu"])
async def test_an_access_token_is_fetched_once_and_again_when_refused(
    providers: tuple[Providers, str], found: dict[str, Channel], name: str
) -> None:
    await asyncio.gather(*(found[name].send(replace(to(name), message_id=UUID(int=n))) for n in range(10)))
    assert providers[0].tokens_given == 1
    providers[0].plan(name, "stale-token")
    assert await outcome(found[name], to(name)) == ("accepted", None)
    assert providers[0].tokens_given == 2
    providers[0].plan(name, "stale-token", "stale-token")
    assert (await outcome(found[name], to(name)))[0] == "try-again"


@pytest.mark.parametrize(
    ("name", "setting"),
    [
        ("wecom", "NOTIFY_WECOM_SECRET"),
        ("dingtalk", "NOTIFY_DINGTALK_APP_SECRET"),
        ("feishu", "NOTIFY_FEISHU_APP_SECRET"),
    ],
)
async def test_wrong_credentials_wait_to_be_set_right(
    found: dict[str, Channel], set_up: SetUp, name: str, setting: str
) -> None:
    assert await outcome(set_up(**{setting: "wrong"})[name], to(name)) == ("try-again", "credentials-refused")


@pytest.mark.parametrize(
    ("name", "setting", "code"),
    [
        ("dingtalk_group", "NOTIFY_DINGTALK_ROBOTS", "not-permitted"),
        ("feishu_group", "NOTIFY_FEISHU_BOTS", "not-permitted"),
        ("sms", "NOTIFY_SMS_SECRET", "credentials-refused"),
    ],
)
async def test_a_wrong_signature_is_refused_by_the_provider(
    found: dict[str, Channel], set_up: SetUp, name: str, setting: str, code: str
) -> None:
    token = {"dingtalk_group": "floor=dingtalk-floor,", "feishu_group": "floor=feishu-floor,"}.get(name, "")
    assert (await outcome(set_up(**{setting: f"{token}another-secret"})[name], to(name)))[1] == code


async def test_a_bot_that_is_not_set_up_is_no_bot(found: dict[str, Channel]) -> None:
    for name in BOTS:
        assert await outcome(found[name], replace(to(name), address="another")) == ("failed", "bot-unknown")


async def test_a_gateway_says_how_long_to_wait(providers: tuple[Providers, str], found: dict[str, Channel]) -> None:
    providers[0].plan("sms", "throttled")
    assert (await found["sms"].send(to("sms"))).wait == timedelta(seconds=90)


@pytest.mark.parametrize("name", ["wecom", "dingtalk", "sms"])
async def test_a_long_text_is_cut_and_keeps_its_link(
    providers: tuple[Providers, str], found: dict[str, Channel], name: str
) -> None:
    await found[name].send(replace(to(name), text="班" * 5000))
    [taken] = providers[0].reached(name)
    assert len(taken.text.encode()) <= 2048
    assert taken.text.endswith("…\nhttps://ring.example/a/token")


async def test_a_channel_without_its_settings_is_not_there(set_up: SetUp) -> None:
    assert set(set_up()) == {"inbox", "customer"}


async def test_mail_is_accepted_and_carries_its_link(mail: tuple[MailServer, Channel]) -> None:
    server, email = mail
    assert await outcome(email, replace(SENT, address="li@example.com")) == ("accepted", None)
    [taken] = server.mailbox.taken
    assert (taken["To"], taken["Subject"]) == ("li@example.com", "班次变动，请确认")
    assert str(UUID(int=7)) in taken["Message-ID"]
    assert SENT.link in taken.get_content()


@pytest.mark.parametrize(
    ("mood", "ended"),
    [
        ("invalid-user", ("failed", "address-unknown")),
        ("throttled", ("throttled", "throttled")),
        ("busy", ("try-again", "provider-busy")),
        ("refused", ("failed", "refused")),
        ("silent", ("in-doubt", None)),
        ("cut", ("in-doubt", None)),
    ],
)
async def test_a_mail_servers_answer_is_told_as_it_is(
    mail: tuple[MailServer, Channel], set_up: SetUp, mood: str, ended: tuple[str, str | None]
) -> None:
    email = set_up(NOTIFY_SEND_SECONDS="1")["email"] if mood == "silent" else mail[1]
    assert await outcome(email, replace(SENT, address=f"li.{mood}@example.com")) == ended


async def test_no_mail_server_means_surely_not_sent(mail: tuple[MailServer, Channel]) -> None:
    mail[0].stop()
    assert await outcome(mail[1], replace(SENT, address="li@example.com")) == ("try-again", "provider-busy")


@pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")
async def test_the_long_tail_says_yes_or_no_and_its_no_is_in_doubt(
    providers: tuple[Providers, str], set_up: SetUp
) -> None:
    where = providers[1].removeprefix("http://")
    tail = set_up(NOTIFY_APPRISE_TARGETS=f"duty=json://{where}/anywhere/{{address}} odd=://")["apprise"]
    assert not tail.deduplicates
    assert await outcome(tail, replace(SENT, address="duty:li")) == ("accepted", None)
    assert "李静，您的班次有变动。" in providers[0].reached("anywhere")[0].text
    assert await outcome(tail, replace(SENT, address="duty:li.broken")) == ("unknown", "target-refused")
    assert await outcome(tail, replace(SENT, address="nobody")) == ("failed", "target-unknown")
    assert await outcome(tail, replace(SENT, address="odd")) == ("failed", "target-unknown")


class Book:
    """cases, as far as customers' addresses go."""

    def __init__(self, *methods: tuple[str, str]) -> None:
        self._methods = list(methods)

    async def close(self) -> None: ...

    async def reach(self, outgoing: Outgoing) -> Reach:
        return Reach(self._methods, {"link": "https://survey.example"})


async def test_a_customer_is_reached_by_the_first_channel_that_takes_it(
    providers: tuple[Providers, str], found: dict[str, Channel]
) -> None:
    customers = Customers(Book(("fax", "1"), ("sms", "1.invalid-user"), ("wecom", "zhao")), found)
    report = await customers.send(replace(SENT, address="c1"))
    assert (report.outcome, report.via) == ("accepted", "wecom")
    doubtful = Customers(Book(("sms", "1.cut"), ("wecom", "zhao")), found)
    report = await doubtful.send(replace(SENT, address="c1"))
    assert (report.outcome, report.via) == ("unknown", "sms")
    assert len(providers[0].reached("wecom")) == 1
    assert await Customers(Book(("fax", "1")), found).send(replace(SENT, address="c1")) == Report(
        "failed", None, "no-address"
    )


def test_signatures_are_as_the_providers_document_them() -> None:
    """Vectors made with openssl: `printf '1599360473000\\nSEC1' | openssl dgst -sha256 -hmac SEC1`, and alike."""
    assert dingtalk_signature("SEC1", 1599360473000)["timestamp"] == "1599360473000"
    assert dingtalk_signature("SEC1", 1599360473000)["sign"] == "ZOTpz55OGsOZqDzPUYXoo77LBqUn4mFrziOhNZaUD9s="
    assert feishu_signature("demo", 1599360473) == {
        "timestamp": "1599360473",
        "sign": "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8=",
    }


def test_texts_are_cut_between_characters() -> None:
    assert shortened("班次", 6) == "班次"
    assert shortened("班次变", 8) == "班…"
    assert json.dumps(shortened("班" * 100, 50))
