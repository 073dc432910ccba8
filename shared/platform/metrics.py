"""Prometheus metrics of the plumbing."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram(
    "ringback_http_request_seconds",
    "Time to answer",
    ("service", "method", "route", "status"),
    buckets=(0.01, 0.05, 0.2, 1, 5),
)
EVENTS_SENT = Counter("ringback_events_sent_total", "Events confirmed by the transport", ("service",))
EVENTS_UNROUTABLE = Counter("ringback_events_unroutable_total", "Publications that reached no queue", ("type",))
EVENTS_APPLIED = Counter("ringback_events_applied_total", "Events applied", ("service",))
EVENTS_RETRIED = Counter("ringback_events_retried_total", "Deliveries sent to a retry queue", ("service",))
EVENTS_PARKED = Counter("ringback_events_parked_total", "Messages parked", ("service",))
TIMERS_FIRED = Counter("ringback_timers_fired_total", "Timers fired", ("service", "kind"))
TIMERS_FAILED = Counter("ringback_timers_failed_total", "Timers whose handler failed, postponed", ("service", "kind"))
TIMER_LATENESS = Gauge("ringback_timer_lateness_seconds", "How late the oldest due timer is", ("service",))
OUTBOX_OLDEST = Gauge("ringback_outbox_oldest_seconds", "How long the oldest unsent event has waited", ("service",))
OUTBOX_UNSENT = Gauge("ringback_outbox_unsent", "Events waiting in the outbox", ("service",))
PARKED_OPEN = Gauge("ringback_parked_open", "Parked messages waiting for somebody", ("service",))
LOOPS_OPEN = Gauge("ringback_loops_open", "Open loops", ("service", "kind"))
LOOPS_WITHOUT_TIMER = Gauge("ringback_loops_without_timer", "Open loops that no timer will move", ("service", "kind"))
