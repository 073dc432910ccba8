"""The data folder of `ringback dev`: database, keys, clock and what the process says about itself."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.keys import make_link_key
from deploy.trouble import Trouble

MARKER = ".ringback-data"
LOCK = "lock"


class DataFolder:
    """One folder, used by one process at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.postgres = self.path / "postgres"
        self.keys = self.path / "keys"
        self.link_key = self.keys / "link-key"
        self.clock = self.path / "clock.json"
        self.ready = self.path / "ready.json"
        self.people = self.path / "people.json"

    @contextmanager
    def taken(self, *, fresh: bool = False) -> Iterator[None]:
        """Hold the folder for this process, made if missing, emptied first if `fresh`."""
        self._make()
        with (self.path / LOCK).open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise _in_use(self.path) from error
            if fresh:
                self._empty()
            self._keep_link_key()
            try:
                yield
            finally:
                self.ready.unlink(missing_ok=True)

    def say_ready(self, facts: dict[str, Any]) -> None:
        """Tell other programs where the process answers; written whole or not at all."""
        draft = self.ready.with_suffix(".draft")
        draft.write_text(json.dumps(facts))
        draft.rename(self.ready)

    @property
    def has_demo(self) -> bool:
        """Whether the demo centre was entered."""
        return self.people.exists()

    def keep_people(self, people: list[dict[str, Any]]) -> None:
        """Remember who works in the demo centre, for signing their tokens."""
        self.people.write_text(json.dumps(people, ensure_ascii=False))

    def _make(self) -> None:
        if self.path.is_dir() and any(self.path.iterdir()) and not (self.path / MARKER).exists():
            raise _not_ours(self.path)
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / MARKER).touch()
        except OSError as error:
            raise Trouble(
                f"无法使用数据目录 {self.path}：{error.strerror}。",
                f"Cannot use the data folder {self.path}: {error.strerror}.",
            ) from error

    def _empty(self) -> None:
        for entry in self.path.iterdir():
            if entry.name in (MARKER, LOCK):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()

    def _keep_link_key(self) -> None:
        self.keys.mkdir(mode=0o700, exist_ok=True)
        make_link_key(self.link_key)


def _in_use(path: Path) -> Trouble:
    return Trouble(
        f"数据目录 {path} 正被另一个 ringback dev 使用。请先停止它，或用 --data 另选目录。",
        f"Another ringback dev is using the data folder {path}. Stop it first, or choose another with --data.",
    )


def _not_ours(path: Path) -> Trouble:
    return Trouble(
        f"{path} 不是 Ringback 的数据目录，其中已有别的文件。请用 --data 指定空目录。",
        f"{path} is not a data folder of Ringback and holds other files. Choose an empty one with --data.",
    )
