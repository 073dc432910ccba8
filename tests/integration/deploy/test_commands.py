"""The `ringback` command: what it refuses, and how."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.ports import free_port

NOBODY = "postgresql://somebody:secret-word@127.0.0.1:{port}/ringback"


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "AMQP_URL", "RABBITMQ_MANAGEMENT_URL", "JWKS"):
        monkeypatch.delenv(name, raising=False)


def refused(*words: str) -> str:
    """What is said on stderr by a command that exits with 1 and no traceback."""
    result = CliRunner().invoke(app, list(words))
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit), result.exception
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) >= 2, "in Chinese and in English"
    return result.stderr


def test_help_names_every_command_quickly() -> None:
    started = time.monotonic()
    told = CliRunner().invoke(app, ["--help"])
    assert time.monotonic() - started < 2
    assert told.exit_code == 0
    for command in ("dev", "token", "provision", "migrate", "serve"):
        assert command in told.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("serve", "billing", "--api"), "There is no service billing"),
        (("serve", "roster", "--api"), "DATABASE_URL is missing"),
        (("serve", "roster", "--worker"), "DATABASE_URL is missing"),
        (("migrate",), "DATABASE_URL is missing"),
        (("migrate", "billing"), "There is no service billing"),
        (("provision",), "Nothing to do"),
        (("token", "--data", "/nonexistent", "--role", "manager"), "There is no signing key"),
    ],
    ids=" ".join,
)
def test_a_command_that_cannot_go_on_says_what_to_do(words: tuple[str, ...], sentence: str) -> None:
    assert sentence in refused(*words)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Give --role, --as or --client"),
        (("--role", "king"), "There is no role king"),
        (("--as", "A001"), "There is no role A001"),
        (("--client", "crm", "--scopes", "cases:read cases:burn"), "no such scopes: cases:burn"),
    ],
    ids=str,
)
def test_a_token_nobody_could_use_is_not_signed(tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    assert CliRunner().invoke(app, ["provision", "--keys", str(tmp_path / "keys")]).exit_code == 0
    assert sentence in refused("token", "--data", str(tmp_path), *words)


@pytest.mark.parametrize("command", ["migrate", "provision"])
def test_an_unreachable_database_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    port = free_port()
    monkeypatch.setenv("DATABASE_URL", NOBODY.format(port=port))
    told = refused(command)
    assert f"127.0.0.1:{port}" in told
    assert "secret-word" not in told


def test_an_unreachable_broker_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", f"http://somebody:secret-word@127.0.0.1:{port}")
    told = refused("provision")
    assert f"127.0.0.1:{port}" in told
    assert "secret-word" not in told


@pytest.mark.parametrize(
    ("name", "value"), [("DATABASE_URL", "mysql://host/db"), ("AMQP_URL", "kafka://host"), ("AMQP_URL", "")]
)
def test_a_setting_of_the_wrong_kind_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://host/db")
    monkeypatch.setenv("AMQP_URL", "amqp://host/")
    monkeypatch.setenv(name, value)
    assert name in refused("serve", "roster", "--worker")


def test_keys_are_made_once_and_only_their_public_half_is_published(tmp_path: Path) -> None:
    words = ["provision", "--keys", str(tmp_path / "keys"), "--jwks", str(tmp_path / "public" / "jwks.json")]
    words += ["--link-key", str(tmp_path / "link" / "key")]
    kept = []
    for _ in range(2):
        assert CliRunner().invoke(app, words).exit_code == 0
        kept.append([(tmp_path / name).read_text() for name in ("keys/signing-key.json", "link/key")])
    assert kept[0] == kept[1]
    assert '"d"' in kept[0][0]
    assert '"d"' not in (tmp_path / "public" / "jwks.json").read_text()
    for secret in ("keys/signing-key.json", "link/key"):
        assert (tmp_path / secret).stat().st_mode & 0o077 == 0
