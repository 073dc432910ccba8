"""The tables of the kpi schema: its own, and the kernel's."""

from __future__ import annotations

from shared.platform.kernel import kernel_of

kernel = kernel_of("kpi")
metadata = kernel.metadata
