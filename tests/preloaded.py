"""What a process of the product imports, imported once: see `tests.forked`."""

from __future__ import annotations

import gc
from importlib import import_module

from deploy.cli import travel_light
from shared.contracts.routes import SERVICES

travel_light()
PLUMBING = (
    "deploy.demo.seed",
    "deploy.dev.process",
    "deploy.operate.broker",
    "deploy.operate.database",
    "deploy.prepare",
    "deploy.serve",
    "shared.platform.broker",
    "uvicorn.lifespan.off",
    "uvicorn.protocols.http.httptools_impl",
)
for module in (*PLUMBING, *(f"services.{service}.{part}" for service in SERVICES for part in ("app", "worker"))):
    import_module(module)
gc.collect()
gc.freeze()
