"""A share of a core for a process, kept to by the kernel: so two workers can be told from one even on two cores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

GROUPS = Path("/sys/fs/cgroup")
PERIOD_US = 20_000


@contextmanager
def share_of_a_core(pid: int, share: float) -> Iterator[None]:
    """Keep a process, which ends within, to this share of one core.

    OSError where there are no control groups (of either version), or only for root.
    """
    quota = int(PERIOD_US * share)
    old = GROUPS / "cpu"
    limits = {"cpu.cfs_period_us": f"{PERIOD_US}", "cpu.cfs_quota_us": f"{quota}"}
    group = (old if old.is_dir() else GROUPS) / f"ringback-bench-{pid}"
    group.mkdir()
    try:
        for name, value in (limits if old.is_dir() else {"cpu.max": f"{quota} {PERIOD_US}"}).items():
            (group / name).write_text(value)
        (group / "cgroup.procs").write_text(f"{pid}")
        yield
    finally:
        group.rmdir()
