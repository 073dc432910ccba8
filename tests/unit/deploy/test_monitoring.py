"""Alert rules and dashboards ask only for metrics that exist, in PromQL that parses."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client import REGISTRY

from shared.contracts.routes import SERVICES

CHART = Path(__file__).parents[3] / "deploy/helm/ringback"


def rules() -> list[dict[str, Any]]:
    [group] = yaml.safe_load((CHART / "rules/ringback.yaml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


def dashboard() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CHART / "dashboards/ringback.json").read_text())
    return found


def questions() -> Iterator[str]:
    yield from (rule["expr"] for rule in rules())
    yield from (target["expr"] for panel in dashboard()["panels"] for target in panel["targets"])


def metrics() -> set[str]:
    for service in SERVICES:
        importlib.import_module(f"services.{service}.worker")
        importlib.import_module(f"services.{service}.app")
    names = {name for collected in REGISTRY.collect() for name in (collected.name, f"{collected.name}_total")}
    return names | {f"{name}_{part}" for name in names for part in ("count", "bucket", "sum")}


@pytest.mark.parametrize("question", sorted(set(questions())))
def test_a_question_parses_and_asks_for_metrics_that_exist(question: str) -> None:
    promql_parser.parse(question)
    asked = set(re.findall(r"ringback_\w+", question))
    assert asked
    assert asked <= metrics()


def test_every_alert_says_how_bad_it_is_and_what_to_do() -> None:
    assert len({rule["alert"] for rule in rules()}) == len(rules())
    for rule in rules():
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]


def test_a_panel_that_is_wrong_would_be_found() -> None:
    with pytest.raises(ValueError, match="parenthesis"):
        promql_parser.parse("sum by (service (ringback_outbox_unsent)")
