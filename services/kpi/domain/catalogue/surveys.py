"""Metrics of surveys: who was asked, who answered, and what they said."""

from __future__ import annotations

from services.kpi.domain.catalogue.definition import UP, rate, sums
from services.kpi.domain.kinds import SURVEY
from services.kpi.domain.metric import Unit, Words

SURVEYS = (
    rate(
        "invite_rate",
        SURVEY,
        sums("invited"),
        sums("requested"),
        UP,
        name=Words("邀评率", "Invited to rate"),
        formula=Words("已邀请评价 ÷ 应邀请评价的已解决案件", "customers invited / resolved cases that called for it"),
    ),
    rate(
        "evaluation_rate",
        SURVEY,
        sums("survey_rated"),
        sums("invited"),
        UP,
        name=Words("参评率", "Rated"),
        formula=Words("已评分 ÷ 已邀请", "rated / invited"),
    ),
    rate(
        "survey_csat",
        SURVEY,
        sums("survey_good"),
        sums("survey_good", "survey_bad"),
        UP,
        name=Words("调查满意度", "Satisfaction in surveys"),
        formula=Words(
            "好评 ÷（好评 + 差评）；4、5 分为好评，1 至 3 分为差评",
            "good / (good + bad); ratings 4-5 are good, 1-3 bad",
        ),
    ),
    rate(
        "survey_rating_mean",
        SURVEY,
        sums("survey_points"),
        sums("survey_rated"),
        UP,
        unit=Unit.POINTS,
        name=Words("调查平均评分", "Mean rating in surveys"),
        formula=Words("评分之和（1 至 5）÷ 已评分", "Σ ratings (1 to 5) / rated"),
    ),
    rate(
        "nps",
        SURVEY,
        sums("promoters", "-detractors"),
        sums("recommend_told"),
        UP,
        name=Words("净推荐值", "Net promoter score"),
        formula=Words(
            "（9 至 10 分 − 0 至 6 分）÷ 已回答是否推荐 × 100，−100 至 100",
            "(9 to 10 − 0 to 6) / said whether they would recommend × 100, from −100 to 100",
        ),
    ),
)
