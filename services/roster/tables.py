"""The tables of the roster schema: its own, and the kernel's."""

from __future__ import annotations

from shared.platform.kernel import kernel_of

kernel = kernel_of("roster")
metadata = kernel.metadata
