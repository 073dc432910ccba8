"""Structured logs: one JSON object a line (readable text in development), with correlation ids, no personal data.

Bodies, query strings and tokens are never logged. What slips in through an error's words is masked: phone numbers and
mail addresses; of a database error, which may quote a row, only its class and state are told.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog
from sqlalchemy.exc import DBAPIError
from structlog.stdlib import ProcessorFormatter

from shared.contracts.privacy import mask_mobiles_in
from shared.platform import tracing

_MAIL = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[A-Za-z]{2,}")


def configure(format_: str = "json", level: str = "INFO") -> None:
    """Set logging up once per process, the libraries' included; `format_` is `json` or `text`."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        _traced,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.ExceptionRenderer(_trace),
        masked,
    ]
    structlog.configure(
        processors=[*shared, _renderer(format_)],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    finish = [ProcessorFormatter.remove_processors_meta, _renderer(format_)]
    handler.setFormatter(ProcessorFormatter(processors=finish, foreign_pre_chain=shared))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def masked(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Mask phone numbers (`138****0000`) and mail addresses in every text."""
    return {name: _masked_text(value) if isinstance(value, str) else value for name, value in event.items()}


def _traced(_: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Name the trace that a line belongs to."""
    if traceparent := tracing.current():
        event["trace_id"] = traceparent.split("-")[1]
    return event


def _masked_text(text: str) -> str:
    text = mask_mobiles_in(text)
    return _MAIL.sub("***@***", text) if "@" in text else text  # nearly no text has one: look first, it is cheap


def _renderer(format_: str) -> Any:
    if format_ == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)


def _trace(exc_info: Any) -> str:
    """The errors that led to this one, oldest first, with their frames."""
    parts: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        parts.append("".join(traceback.format_tb(error.__traceback__)) + _words(error))
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n\n".join(reversed(parts))


def _words(error: BaseException) -> str:
    kind = type(error).__name__
    cause: Any = error.orig if isinstance(error, DBAPIError) else error
    if hasattr(cause, "sqlstate"):  # the driver's errors, and what wraps them
        return f"{kind} (sqlstate {cause.sqlstate})"
    if isinstance(error, BaseExceptionGroup):
        return f"{kind}: {error.message}\n" + "\n".join(_trace((None, one, None)) for one in error.exceptions)
    return f"{kind}: {error}"
