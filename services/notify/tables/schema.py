"""The notify schema, with the kernel's tables in it."""

from __future__ import annotations

from shared.platform.kernel import kernel_of

kernel = kernel_of("notify")
metadata = kernel.metadata
