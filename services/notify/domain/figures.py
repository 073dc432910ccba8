"""What an event about figures says: metrics by their names, values with their units, periods by their days."""

from __future__ import annotations

from datetime import timedelta

from services.notify.domain.local_time import day, zone_of
from services.notify.domain.said import said
from shared.contracts.kpi import AlertFact, RankingPublished, ScorecardPublished

Figures = AlertFact | RankingPublished | ScorecardPublished
NO_SCORE = "—"
MOMENT = timedelta(microseconds=1)


def facts(event: Figures, zone: str, language: str) -> dict[str, str]:
    """The fields that read otherwise than as they are."""
    if isinstance(event, AlertFact):
        return {"metric": _metric(event, language)} | _alert(event, language)
    if isinstance(event, RankingPublished):
        return {"metric": _metric(event, language)} | _days(event, zone, language)
    scores = {"score": _score(event.score), "previous_score": _score(event.previous_score)}
    return scores | _days(event, zone, language)


def _metric(event: AlertFact | RankingPublished, language: str) -> str:
    return (event.metric_name_en if language == "en" else event.metric_name_zh) or event.metric


def _alert(event: AlertFact, language: str) -> dict[str, str]:
    unit = said(event.unit, language)
    return {
        "unit": unit,
        "threshold": _number(event.threshold, unit),
        "value": "" if event.value is None else _number(event.value, unit),
        "group_name": event.group_name or event.group or said(event.group_by, language),
    }


def _number(number: float, unit: str) -> str:
    """`20.91 秒`, `12.5 %`; a count by itself."""
    shown = f"{number:.2f}".rstrip("0").rstrip(".")
    return f"{shown} {unit}".rstrip()


def _score(points: float | None) -> str:
    return NO_SCORE if points is None else f"{points:.1f}"


def _days(event: RankingPublished | ScorecardPublished, zone: str, language: str) -> dict[str, str]:
    """The first and the last day of a period, which ends as the next day begins."""
    place = zone_of(zone)
    first, last = event.period_from.astimezone(place), (event.period_to - MOMENT).astimezone(place)
    return {"period_from": day(first.date(), language), "period_to": day(last.date(), language)}
