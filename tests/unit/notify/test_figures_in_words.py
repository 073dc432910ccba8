"""What people read about figures: names they know, units, days, and never a blank."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

from services.notify.domain.facts import facts_of
from services.notify.domain.wording import render
from shared.contracts.event import Event
from shared.contracts.kpi import AlertRaised, RankedFact, RankingPublished, ScorecardPublished

ZONE = "Asia/Shanghai"
FIRST, AFTER_LAST = datetime(2026, 9, 30, 16, tzinfo=UTC), datetime(2026, 10, 31, 16, tzinfo=UTC)
ALERT = AlertRaised(
    alert_id=UUID(int=1),
    rule_id=UUID(int=2),
    rule_name="太慢",
    metric="asa",
    unit="seconds",
    group_by="team",
    direction="above",
    threshold=5.0,
    n=112,
    window_from=FIRST,
    window_to=AFTER_LAST,
    group=str(UUID(int=3)),
    group_name="热线二组",
    value=20.90892857,
    metric_name_zh="平均应答速度",
    metric_name_en="Average speed of answer",
    raised_at=FIRST,
    ack_by=AFTER_LAST,
)
CARD = ScorecardPublished(
    scorecard_id=UUID(int=4),
    revision=1,
    definition_version=1,
    period_from=FIRST,
    period_to=AFTER_LAST,
    published_at=AFTER_LAST,
    published_by="M001",
    score=88.8888,
    previous_score=75.4066,
    zone=ZONE,
)
RANKING = RankingPublished(
    ranking_id=UUID(int=5),
    of="agents",
    metric="contacts_handled",
    definition_version=1,
    period_from=FIRST,
    period_to=AFTER_LAST,
    published_at=AFTER_LAST,
    published_by="M001",
    places=(RankedFact(key="A001", name="林晓梅", n=40, rank=1),),
    metric_name_zh="处理量",
    metric_name_en="Contacts handled",
    zone=ZONE,
)


def read(template: str, event: Event, language: str) -> str:
    facts = facts_of(event, ZONE, language) | {"name": "韩雪莹", "deadline": "…", "passed": ""}
    wording = render(template, language, facts)
    return f"{wording.title}｜{wording.text}"


def test_an_alert_names_its_metric_and_gives_its_values_with_their_unit() -> None:
    assert "热线二组的平均应答速度为 20.91 秒，高于阈值 5 秒（基于 112 条事实" in read("alert.asked", ALERT, "zh-CN")
    english = read("alert.asked", ALERT, "en")
    assert "Average speed of answer of 热线二组 is 20.91 s, above the threshold 5 s (112 facts" in english


def test_an_alert_of_the_centre_says_so() -> None:
    of_centre = replace(ALERT, group_by="centre", group=None, group_name=None, unit="count", value=40.0, threshold=30.0)
    assert "全中心的平均应答速度为 40，高于阈值 30（" in read("alert.asked", of_centre, "zh-CN")
    assert "of the centre is 40, above the threshold 30 (" in read("alert.asked", of_centre, "en")


def test_a_scorecard_tells_the_days_of_its_period_and_the_points() -> None:
    assert read("scorecard.published", CARD, "zh-CN").startswith(
        "您的计分卡已发布｜10月1日 周四 至 10月31日 周六：88.9 分（上期 75.4）"
    )
    assert "Thu 1 Oct to Sat 31 Oct: 88.9 points (before: 75.4)" in read("scorecard.published", CARD, "en")


def test_a_scorecard_without_a_score_leaves_no_blank() -> None:
    nothing = replace(CARD, score=None, previous_score=None)
    assert "— 分（上期 —）" in read("scorecard.published", nothing, "zh-CN")


def test_a_ranking_is_told_by_its_metrics_name_and_its_days() -> None:
    assert read("ranking.published", RANKING, "zh-CN").startswith(
        "排名已发布：处理量｜10月1日 周四 至 10月31日 周六 的处理量排名"
    )
    assert "by Contacts handled from Thu 1 Oct to Sat 31 Oct" in read("ranking.published", RANKING, "en")
    assert "contacts_handled" in read("ranking.published", replace(RANKING, metric_name_zh=None), "zh-CN")
