"""One trace from the request to the last consumer: OpenTelemetry spans, and W3C `traceparent` in every event.

Without an exporter no span is made, but a caller's `traceparent` still travels with the events it causes.
`OTEL_EXPORTER_OTLP_ENDPOINT` (and the other `OTEL_*` variables of the SDK) turns spans on.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.span import format_span_id, format_trace_id

from shared.contracts.event import Envelope

ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

_TRACEPARENT = re.compile(r"00-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})")
_IN_BODY = re.compile(rb'"traceparent":\s*"(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})"')

_tracer: trace.Tracer | None = None


def configure(process: str) -> None:
    """Export spans of this process (`roster-api`) when an OTLP endpoint is set in the environment."""
    if any(os.environ.get(name) for name in ENDPOINTS):
        _export(process)


def _export(process: str) -> None:
    """Loaded only here: the SDK takes ten megabytes that nobody needs who does not trace."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    global _tracer  # noqa: PLW0603
    provider = TracerProvider(resource=Resource.create({"service.namespace": "ringback", "service.name": process}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    AsyncPGInstrumentor().instrument(tracer_provider=provider)  # type: ignore[no-untyped-call]
    _tracer = provider.get_tracer("ringback")


def current() -> str | None:
    """The `traceparent` of what is being done now; none outside any trace."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    return f"00-{format_trace_id(span.trace_id)}-{format_span_id(span.span_id)}-{span.trace_flags:02x}"


@contextmanager
def request(service: str, method: str, headers: Mapping[bytes, bytes]) -> Iterator[Span | None]:
    """The span of one HTTP request, within the caller's trace when it names one."""
    parent = _parent(headers.get(b"traceparent", b"").decode("latin-1"))
    with _span(service, method, SpanKind.SERVER, parent) as span:
        yield span


@contextmanager
def handling(service: str, envelopes: Sequence[Envelope]) -> Iterator[None]:
    """The span of applying events: within the trace of a single one, linked to those of many."""
    if _tracer is None and len(envelopes) != 1:
        yield
        return
    parents = [parent for envelope in envelopes if (parent := _parent(envelope.traceparent))]
    if len(envelopes) == 1:
        with _span(service, f"apply {envelopes[0].type}", SpanKind.CONSUMER, parents[0] if parents else None):
            yield
        return
    links = [Link(trace.get_current_span(parent).get_span_context()) for parent in parents]
    with _span(service, "apply events", SpanKind.CONSUMER, None, links):
        yield


def published(service: str, events: Iterable[tuple[str, bytes]]) -> None:
    """Note that the transport confirmed events, given as types and bodies."""
    if _tracer is None:
        return
    for type_, body in events:
        if found := _IN_BODY.search(body):
            with _span(service, f"publish {type_}", SpanKind.PRODUCER, _parent(found[1].decode())):
                pass


def _parent(traceparent: str | None) -> Context | None:
    found = _TRACEPARENT.fullmatch(traceparent or "")
    if not found:
        return None
    ids = SpanContext(int(found["trace"], 16), int(found["span"], 16), True, TraceFlags(int(found["flags"], 16)))
    return trace.set_span_in_context(NonRecordingSpan(ids), Context()) if ids.is_valid else None


@contextmanager
def _span(
    service: str, name: str, kind: SpanKind, parent: Context | None, links: Sequence[Link] = ()
) -> Iterator[Span | None]:
    """A span when spans are made; else only the parent's trace, if there is one."""
    if _tracer:
        about = {"ringback.service": service}
        with _tracer.start_as_current_span(name, parent or Context(), kind, about, links) as span:
            yield span
    elif parent:
        token = context.attach(parent)
        try:
            yield None
        finally:
            context.detach(token)
    else:
        yield None
