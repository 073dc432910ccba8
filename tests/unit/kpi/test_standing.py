"""Targets, tiers, rankings, scorecards and alerts: the rules alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.kpi.domain import alert as alerts
from services.kpi.domain import scorecard as cards
from services.kpi.domain.alert import Alert, Reading, Rule
from services.kpi.domain.catalogue import CATALOGUE, metric_named, of_the_same_facts
from services.kpi.domain.metric import Unit
from services.kpi.domain.pattern import Figure, missed, plateau, repeated
from services.kpi.domain.ranking import Contender, is_speed, quadrants, ranked, wilson
from services.kpi.domain.scorecard import Definition, Measured, Weighed
from services.kpi.domain.standing import Tiers, attainment, distribution, first_target, next_target
from services.kpi.domain.target import Target, change_target, in_force, set_target, stretch_reached
from shared.contracts.refusal import Refusal
from shared.platform.ids import new_id

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
UP, DOWN = "up", "down"


def a_target(**changes: Any) -> Target:
    given: dict[str, Any] = {
        "target_id": new_id(),
        "metric": "answer_rate",
        "group_by": "centre",
        "value": 80.0,
        "valid_from": date(2026, 1, 1),
        "tiers": Tiers(),
        "version": 1,
        "set_by": "M001",
        "set_at": NOW,
    }
    return Target(**given | changes)


def refused(code: str) -> Any:
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


class TestStanding:
    def test_attainment_is_percent_of_the_target_whichever_way_is_better(self) -> None:
        assert attainment(88, 80, UP) == pytest.approx(110)
        assert attainment(50, 60, DOWN) == pytest.approx(120)
        assert attainment(None, 80, UP) is None
        assert attainment(0, 60, DOWN) == 200

    def test_tiers_go_by_attainment(self) -> None:
        assert [Tiers().of(percent) for percent in (125, 100, 95, 89, None)] == [
            "excellent",
            "good",
            "ok",
            "below",
            None,
        ]

    def test_tiers_that_are_out_of_order_are_refused(self) -> None:
        with refused("tiers-out-of-order"):
            Tiers(100, 110, 90)

    def test_the_distribution_stands_beside_the_intended_one(self) -> None:
        found = distribution(["good", "good", "ok", "below", None])
        assert [(share.tier, share.count, share.share) for share in found] == [
            ("excellent", 0, 0.0),
            ("good", 2, 50.0),
            ("ok", 1, 25.0),
            ("below", 1, 25.0),
        ]
        assert sum(share.intended for share in found) == 100
        assert [share.share for share in distribution([])] == [None] * 4

    def test_a_first_target_starts_where_six_in_ten_are_already(self) -> None:
        values = [10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0, 100.0]
        assert first_target(values, UP) == 50
        assert first_target(values, DOWN) == 60
        assert first_target([], UP) is None

    @given(st.lists(st.floats(1, 1000), min_size=1), st.floats(1, 1000))
    def test_a_round_is_never_easier_and_never_more_than_a_tenth_harder(self, values: list[float], now: float) -> None:
        up, down = next_target(now, values, UP), next_target(now, values, DOWN)
        assert up is not None
        assert down is not None
        assert now <= up <= now * 1.1 + 1e-9
        assert now * 0.9 - 1e-9 <= down <= now


class TestUses:
    def test_metrics_that_count_the_same_are_of_the_same_facts(self) -> None:
        assert {"service_level", "service_level_7", "asa", "asa_p90"} <= set(of_the_same_facts("service_level_2"))
        assert of_the_same_facts("csat") == ["csat"]
        assert of_the_same_facts("ack_time_p50") == ["ack_time", "ack_time_p50", "ack_time_p90"]


class TestTargets:
    def test_a_target_needs_a_direction_a_group_of_the_metric_and_more_than_nothing(self) -> None:
        neither = next(metric.id for metric in CATALOGUE.values() if metric.better == "neither")
        for code, changes in (
            ("metric-without-direction", {"metric": neither}),
            ("dimension-not-of-metric", {"metric": "adherence", "group_by": "topic"}),
            ("target-not-positive", {"value": 0}),
            ("metric-unknown", {"metric": "luck"}),
        ):
            with refused(code):
                set_target(a_target(**changes))

    def test_a_round_is_a_version_in_force_from_a_day_on(self) -> None:
        first = a_target()
        second = change_target(
            first,
            value=85,
            valid_from=date(2026, 4, 1),
            tiers=Tiers(),
            stretch=(120.0,),
            note=None,
            by="M001",
            now=NOW,
        )
        known = [first, second]
        assert second.version == 2
        assert in_force(known, "centre", None, date(2026, 3, 31)) == first
        assert in_force(known, "centre", None, date(2026, 4, 1)) == second
        assert in_force(known, "centre", None, date(2025, 1, 1)) is None
        with refused("target-goes-back"):
            change_target(
                second, value=90, valid_from=date(2026, 3, 1), tiers=Tiers(), stretch=(), note=None, by="M", now=NOW
            )

    def test_a_groups_own_target_goes_before_that_of_its_sort(self) -> None:
        every, own = a_target(group_by="team"), a_target(group_by="team", group="t1", value=70.0)
        assert in_force([own, every], "team", "t1", date(2026, 3, 1)) == own
        assert in_force([own, every], "team", "t2", date(2026, 3, 1)) == every

    def test_the_highest_stretch_reached_is_told(self) -> None:
        assert [stretch_reached(a_target(), percent) for percent in (None, 119, 125, 150)] == [None, None, 120, 130]


class TestRanking:
    def test_wilsons_lower_bound_is_the_published_one(self) -> None:
        assert wilson(90, 100) == pytest.approx(82.56, abs=0.01)
        assert wilson(90, 100, upper=True) == pytest.approx(94.48, abs=0.01)
        assert wilson(0, 0) is None

    @given(st.integers(0, 1000), st.integers(1, 1000))
    def test_a_bound_lies_on_its_side_of_the_rate(self, successes: int, n: int) -> None:
        successes = min(successes, n)
        lower, upper = wilson(successes, n), wilson(successes, n, upper=True)
        assert lower is not None
        assert upper is not None
        assert 0 <= lower <= successes * 100 / n + 1e-9
        assert successes * 100 / n - 1e-9 <= upper <= 100

    def test_few_lucky_facts_do_not_win(self) -> None:
        lucky = Contender(key="A", name="A", value=100, numerator=30, n=30)
        steady = Contender(key="B", name="B", value=95, numerator=950, n=1000)
        places = ranked(metric_named("answer_rate"), [lucky, steady])
        assert [(place.key, place.rank) for place in places] == [("B", 1), ("A", 2)]

    def test_too_few_facts_make_no_rank(self) -> None:
        few = Contender(key="A", name="A", value=100, numerator=29, n=29)
        [place] = ranked(metric_named("answer_rate"), [few])
        assert (place.rank, place.note) == (None, "insufficient data")

    def test_a_newcomer_is_not_ranked_on_speed_but_on_quality(self) -> None:
        new = Contender(key="A", name="A", value=90, numerator=90, n=100, newcomer=True)
        assert is_speed(metric_named("asa"))
        assert ranked(metric_named("asa"), [new])[0].note == "newcomer"
        assert ranked(metric_named("answer_rate"), [new])[0].rank == 1

    def test_equal_bounds_share_a_rank(self) -> None:
        many = [Contender(key=key, name=key, value=50, numerator=50, n=100) for key in "ABC"]
        assert [place.rank for place in ranked(metric_named("answer_rate"), many)] == [1, 1, 1]

    def test_where_less_is_better_the_upper_bound_counts(self) -> None:
        sure = Contender(key="A", name="A", value=5, numerator=50, n=1000)
        unsure = Contender(key="B", name="B", value=4, numerator=2, n=50)
        assert [place.key for place in ranked(metric_named("abandon_rate"), [unsure, sure])] == ["A", "B"]

    def test_a_net_score_is_no_share_and_goes_by_its_value(self) -> None:
        scores = [
            Contender(key=key, name=key, value=value, numerator=value, n=100) for key, value in (("A", -60), ("B", -5))
        ]
        places = ranked(metric_named("nps"), scores)
        assert [(place.key, place.rank, place.bound) for place in places] == [("B", 1, None), ("A", 2, None)]

    def test_the_quadrant_goes_by_both_medians(self) -> None:
        spots = quadrants([("A", "a", 100, 10), ("B", "b", 200, 20), ("C", "c", 300, 30), ("D", "d", None, 5)])
        assert [(spot[0], spot[4]) for spot in spots] == [
            ("A", "swift_quiet"),
            ("B", "swift_busy"),
            ("C", "thorough_busy"),
        ]


def a_definition(*weighed: Weighed, stage: Any = "established") -> Definition:
    return Definition(
        definition_id=new_id(),
        name="客服",
        role="agent",
        stage=stage,
        weighed=weighed,
        version=1,
        changed_by="M001",
        changed_at=NOW,
    )


QUALITY = Weighed("csat", 60, 80.0)


class TestScorecards:
    def test_weights_make_a_hundred(self) -> None:
        with refused("weights-not-100"):
            cards.define(a_definition(QUALITY))

    def test_a_metric_is_weighed_once(self) -> None:
        with refused("metric-weighed-twice"):
            cards.define(a_definition(Weighed("csat", 50, 80.0), Weighed("csat", 50, 80.0)))

    def test_newcomers_are_not_asked_for_speed(self) -> None:
        asked = Weighed("asa", 40, 30.0)
        cards.define(a_definition(QUALITY, asked))
        with refused("speed-for-newcomers"):
            cards.define(a_definition(QUALITY, asked, stage="newcomer"))

    @pytest.mark.parametrize(
        ("hired_on", "last"),
        [
            (date(2026, 1, 1), date(2026, 2, 28)),
            (date(2026, 3, 1), date(2026, 4, 30)),
            (date(2026, 7, 1), date(2026, 8, 31)),
            (date(2025, 12, 31), date(2026, 2, 28)),
            (date(2025, 11, 15), date(2026, 1, 14)),
        ],
    )
    def test_the_first_two_months_are_a_newcomers_however_long_they_are(self, hired_on: date, last: date) -> None:
        assert [cards.stage_of(hired_on, last + timedelta(days=days)) for days in (-30, 0, 1)] == [
            "newcomer",
            "newcomer",
            "established",
        ]

    @pytest.mark.parametrize(
        ("period", "before"),
        [
            (("2026-03-01", "2026-03-31"), ("2026-02-01", "2026-02-28")),
            (("2026-01-01", "2026-01-31"), ("2025-12-01", "2025-12-31")),
            (("2026-04-01", "2026-06-30"), ("2026-01-01", "2026-03-31")),
            (("2024-01-01", "2024-12-31"), ("2023-01-01", "2023-12-31")),
            (("2026-03-02", "2026-03-08"), ("2026-02-23", "2026-03-01")),
            (("2026-03-01", "2026-03-30"), ("2026-01-30", "2026-02-28")),
            (("2026-03-02", "2026-03-31"), ("2026-01-31", "2026-03-01")),
        ],
    )
    def test_before_a_month_comes_the_month_before_and_before_any_days_as_many_days(
        self, period: tuple[str, str], before: tuple[str, str]
    ) -> None:
        found = cards.period_before(*map(date.fromisoformat, period))
        assert found == tuple(map(date.fromisoformat, before))

    def test_the_score_is_the_weighted_attainment_of_what_is_known(self) -> None:
        definition = a_definition(Weighed("csat", 60, 80.0), Weighed("answer_rate", 40, 90.0))
        now = {"csat": Measured(value=88, numerator=88, denominator=100)}
        lines = cards.lines_of(definition, now, {"csat": Measured(value=80)})
        assert cards.score(lines) == pytest.approx(110)
        assert [line.change for line in lines] == ["better", None]
        assert cards.score(cards.lines_of(definition, {}, {})) is None

    def test_one_line_cannot_make_up_for_the_others_without_end(self) -> None:
        definition = a_definition(Weighed("csat", 50, 40.0), Weighed("answer_rate", 50, 100.0))
        now = {"csat": Measured(value=100), "answer_rate": Measured(value=70)}
        assert cards.score(cards.lines_of(definition, now, {})) == pytest.approx((130 + 70) / 2)


def a_rule(**changes: Any) -> Rule:
    given: dict[str, Any] = {
        "rule_id": new_id(),
        "name": "接通率",
        "metric": "answer_rate",
        "group_by": "centre",
        "direction": "below",
        "threshold": 80.0,
        "clear_at": 84.0,
        "for_minutes": 15,
        "window_minutes": 60,
        "least_n": 20,
        "active": True,
        "version": 1,
    }
    return Rule(**given | changes)


def heard(rule: Rule, values: list[float | None], *, n: int = 100) -> list[str]:
    """What a rule tells of a series of readings, five minutes apart."""
    alert: Alert | None = None
    told = []
    for number, value in enumerate(values):
        now = NOW + timedelta(minutes=5 * number)
        ring = alerts.judge(rule, alert, Reading(None, None, value, n, (NOW, now)), now, new_id)
        if ring:
            alert = None if ring.alert.state == "resolved" else ring.alert
            told += [ring.told] if ring.told else []
    return told


class TestAlerts:
    def test_it_raises_once_after_long_enough_and_resolves_once(self) -> None:
        assert heard(a_rule(), [70, 70, 70]) == []
        assert heard(a_rule(), [70] * 10) == ["raised"]
        assert heard(a_rule(), [70] * 10 + [90] * 10) == ["raised", "resolved"]

    def test_a_short_dip_raises_nothing(self) -> None:
        assert heard(a_rule(), [70, 70, 90, 70, 70, 90]) == []

    def test_between_threshold_and_clear_at_nothing_changes(self) -> None:
        assert heard(a_rule(), [70] * 4 + [82, 79, 83, 78, 81] * 5) == ["raised"]

    def test_too_few_facts_say_nothing_either_way(self) -> None:
        assert heard(a_rule(), [0.0] * 10, n=19) == []
        assert heard(a_rule(), [70] * 5 + [None] * 10) == ["raised"]

    @given(st.lists(st.one_of(st.none(), st.floats(0, 100)), max_size=60), st.integers(0, 60))
    def test_raised_and_resolved_take_turns(self, values: list[float | None], minutes: int) -> None:
        told = heard(a_rule(for_minutes=minutes), values)
        assert told == ["raised", "resolved"] * (len(told) // 2) + ["raised"] * (len(told) % 2)

    def test_a_rule_cannot_be_well_while_it_is_bad(self) -> None:
        with refused("clear-at-beyond-threshold"):
            alerts.set_rule(a_rule(clear_at=79.0))


class TestClearAt:
    @pytest.mark.parametrize(
        ("threshold", "direction", "unit", "clear_at"),
        [
            (80, "below", "percent", 84),
            (98, "below", "percent", 100),
            (105, "below", "percent", 105),
            (-10, "below", "percent", -9.5),
            (20, "above", "percent", 19),
            (200, "below", "count", 210),
            (60, "above", "seconds", 57),
        ],
    )
    def test_left_out_it_is_five_percent_past_the_threshold_where_a_value_can_still_come(
        self, threshold: float, direction: str, unit: str, clear_at: float
    ) -> None:
        assert alerts.default_clear_at(threshold, direction, Unit(unit)) == pytest.approx(clear_at)


class TestPatterns:
    def test_twice_the_centres_rate_and_five_times_is_a_pattern(self) -> None:
        centre = Figure(value=4.0, numerator=40, denominator=1000)
        assert repeated("repeated_transfers", Figure(value=8, numerator=8, denominator=100), centre) == (
            "repeated_transfers",
            8,
        )
        assert repeated("repeated_transfers", Figure(value=8, numerator=4, denominator=50), centre) is None
        assert repeated("repeated_transfers", Figure(value=7, numerator=7, denominator=100), centre) is None

    def test_three_loops_that_did_not_close_are_a_pattern(self) -> None:
        assert missed([Figure(value=50, numerator=1, denominator=3), Figure(value=0, numerator=0, denominator=1)]) == (
            "missed_loops",
            3,
        )
        assert missed([Figure(value=50, numerator=1, denominator=3)]) is None

    def test_six_flat_weeks_below_target_are_a_plateau(self) -> None:
        assert plateau([70, 70.5, 69.8, 70, 70.2, 70], 80, UP)
        assert not plateau([70, 70.5, 69.8, 70, 70.2, 70], 60, UP)
        assert not plateau([60, 65, 70, 72, 75, 78], 80, UP)
        assert not plateau([70, None, 70, 70, 70, 70], 80, UP)
