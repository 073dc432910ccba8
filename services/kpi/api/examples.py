"""What the reference shows of each body: examples that are accepted as they are printed."""

from __future__ import annotations

from typing import Any

from pydantic import ConfigDict

ID = "0192d1a0-0000-7000-8000-000000000003"
MARCH = {"from": "2026-03-01", "to": "2026-03-31"}
WEIGHED = [{"metric": "fcr", "weight": 60, "target": 70}, {"metric": "adherence", "weight": 40, "target": 92}]

QUERIES: dict[str, Any] = {"queries": [{"metric": "answer_rate", **MARCH, "by": "team"}]}
PAY_PERIOD: dict[str, Any] = {"name": "2026 年 3 月", **MARCH}
TARGET: dict[str, Any] = {"metric": "answer_rate", "value": 80, "note": "第一轮"}
NEXT_TARGET: dict[str, Any] = {"value": 85, "note": "第二轮"}
DEFINITION: dict[str, Any] = {"name": "客服月度", "role": "agent", "stage": "established", "weighed": WEIGHED}
CHANGED_DEFINITION: dict[str, Any] = {"weighed": WEIGHED}
CARDS: dict[str, Any] = {"definition_id": ID, **MARCH, "purpose": "pay"}
RANKING: dict[str, Any] = {"of": "agent", "category": "quality", **MARCH, "purpose": "appraisal"}
RULE: dict[str, Any] = {
    "name": "接通率偏低",
    "metric": "answer_rate",
    "group_by": "team",
    "threshold": 80,
    "clear_at": 85,
}
CHANGED_RULE: dict[str, Any] = {"threshold": 75, "clear_at": 80}
DECISION: dict[str, Any] = {"note": "周三当面谈"}


def shown(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a body that shows this example."""
    return ConfigDict(json_schema_extra={"examples": [example]})
