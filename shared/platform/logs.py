"""Structured logs: one JSON object a line (readable text in development), with correlation ids, no personal data."""

from __future__ import annotations

import logging
import sys

import structlog


def configure(format_: str = "json", level: str = "INFO") -> None:
    """Set logging up once per process; `format_` is `json` or `text`."""
    renderer = (
        structlog.processors.JSONRenderer(ensure_ascii=False) if format_ == "json" else structlog.dev.ConsoleRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
