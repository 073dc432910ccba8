"""Policies, calendars and clocks as they are stored, and back."""

from __future__ import annotations

import json
from datetime import timedelta
from functools import lru_cache
from typing import Any

from services.cases.domain.business_calendar import BusinessCalendar
from services.cases.domain.sla_clock import Clock, ClockStep, Terms
from services.cases.domain.sla_policy import Policy
from shared.contracts.codec import from_json, to_json

_MICROSECOND = timedelta(microseconds=1)
_POLICY_HEAD = ("policy_id", "version", "code", "since")
_CALENDAR_HEAD = ("calendar_id", "version", "code", "since")
_AS_IT_IS = (
    "clock_id",
    "case_id",
    "target",
    "cycle",
    "state",
    "activated_at",
    "since",
    "due_at",
    "warned",
    "level",
    "version",
)


def policy_record(policy: Policy) -> dict[str, Any]:
    """A version of a policy in its stored form."""
    return _record(policy, _POLICY_HEAD) | {"calendar": policy.calendar}


def calendar_record(calendar: BusinessCalendar) -> dict[str, Any]:
    """A version of a calendar in its stored form."""
    return _record(calendar, _CALENDAR_HEAD) | {"teams": list(calendar.teams)}


def policy_from(row: Any) -> Policy:
    """A version of a policy from its stored form."""
    return _policy(str(row["policy_id"]), row["version"], row["code"], row["since"].isoformat(), row["body"])


def calendar_from(row: Any) -> BusinessCalendar:
    """A version of a calendar from its stored form."""
    head = {"calendar_id": str(row["calendar_id"]), "since": row["since"].isoformat()}
    body = json.loads(row["body"])
    return from_json(BusinessCalendar, {**body, **head, "code": row["code"], "version": row["version"]})


def clock_record(clock: Clock) -> dict[str, Any]:
    """A clock in its stored form."""
    return {name: getattr(clock, name) for name in _AS_IT_IS} | {
        "terms": _stored(to_json(clock.terms)),
        "policy": clock.terms.policy,
        "policy_version": clock.terms.policy_version,
        "calendar": clock.terms.calendar,
        "calendar_version": clock.terms.calendar_version,
        "accrued_us": clock.accrued // _MICROSECOND,
        "log": _stored([to_json(entry) for entry in clock.log]),
    }


def clock_from(row: Any) -> Clock:
    """A clock from its stored form."""
    return Clock(
        **{name: row[name] for name in _AS_IT_IS},
        terms=_terms(row["terms"]),
        accrued=row["accrued_us"] * _MICROSECOND,
        log=tuple(from_json(ClockStep, one) for one in json.loads(row["log"])),
    )


def _record(rule: Any, head: tuple[str, ...]) -> dict[str, Any]:
    plain = to_json(rule)
    body = {name: value for name, value in plain.items() if name not in head}
    return {name: getattr(rule, name) for name in head} | {"body": _stored(body)}


@lru_cache(maxsize=1024)
def _terms(stored: str) -> Terms:
    return from_json(Terms, json.loads(stored))


@lru_cache(maxsize=256)
def _policy(policy_id: str, version: int, code: str, since: str, body: str) -> Policy:
    head = {"policy_id": policy_id, "version": version, "code": code, "since": since}
    return from_json(Policy, {**json.loads(body), **head})


def _stored(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
