"""Answer links: the key behind them, and what a token says."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.links import LinkClaims, Links, links_from
from services.notify.settings import NotifySettings
from shared.contracts.refusal import Refusal

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
CLAIMS = LinkClaims(UUID(int=1), 3, "A001", NOW + timedelta(days=1))
LINKS = Links(b"k" * 32, "https://ring.example/")


def settings(monkeypatch: pytest.MonkeyPatch, file: Path | None) -> NotifySettings:
    monkeypatch.delenv("LINK_KEY_FILE", raising=False)
    monkeypatch.delenv("NOTIFY_LINK_KEY_FILE", raising=False)
    if file:
        monkeypatch.setenv("NOTIFY_LINK_KEY_FILE", str(file))
    return NotifySettings()


def test_a_link_reads_back_and_is_the_same_every_time() -> None:
    url = LINKS.url(CLAIMS)
    assert url == LINKS.url(CLAIMS)
    assert url.startswith("https://ring.example/a/")
    assert len(url) < 300
    assert LINKS.read(url.rpartition("/")[2], NOW) == CLAIMS


def test_a_link_dies_at_its_hour() -> None:
    token = LINKS.token(CLAIMS)
    assert LINKS.read(token, NOW + timedelta(days=1, seconds=-1)) == CLAIMS
    with pytest.raises(Refusal, match="link-expired"):
        LINKS.read(token, NOW + timedelta(days=1))


@given(st.one_of(st.text(max_size=60), st.binary(max_size=60).map(lambda raw: f"{raw.hex()}.{raw.hex()}.{raw.hex()}")))
def test_anything_else_is_no_link(nonsense: str) -> None:
    with pytest.raises(Refusal, match="link-invalid"):
        LINKS.read(nonsense, NOW)


def test_processes_that_start_together_share_one_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "keys" / "link.key"
    chosen = settings(monkeypatch, file)
    with ThreadPoolExecutor(8) as pool:
        tokens = set(pool.map(lambda _: links_from(chosen).token(CLAIMS), range(16)))
    assert len(tokens) == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in file.parent.iterdir()] == ["link.key"]


def test_without_a_file_the_key_lives_as_long_as_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings(monkeypatch, None)
    assert links_from(chosen).read(links_from(chosen).token(CLAIMS), NOW) == CLAIMS


def test_a_key_that_is_too_short_is_no_key() -> None:
    with pytest.raises(ValueError, match="needs 32"):
        Links(b"", "http://x")
