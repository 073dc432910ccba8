"""What people read: templates, days in local time, reasons, masked addresses."""

from __future__ import annotations

import itertools
import json
from datetime import UTC, date, datetime, timedelta

import pytest

from services.notify.domain import shift_change, wording
from services.notify.domain.contact import masked
from services.notify.domain.facts import fields_of
from services.notify.domain.ladder import Step, faults_in, schedule
from services.notify.domain.local_time import hours, zone_of
from services.notify.domain.policies import as_data, checked, from_data
from services.notify.domain.reasons import why_next
from services.notify.domain.shipped import SHIPPED, Policy
from services.notify.domain.standing import standing
from services.notify.domain.texts import customers
from services.notify.domain.texts.customers import FIELDS
from services.notify.domain.texts.wording import has_stray_brace, names_in
from services.notify.pages.words import OF_OTHER_MATTERS, WORDS
from shared.contracts.roster import Cell, DayChange, ShiftChangeAnnounced
from shared.platform.ids import stable_id

LANGUAGES = ("zh-CN", "en")
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


def a_change(days: int) -> ShiftChangeAnnounced:
    night = Cell(code="夜", starts_at=START + timedelta(hours=13), ends_at=START + timedelta(hours=21))
    return ShiftChangeAnnounced(
        change_id=stable_id("c"),
        roster_id=stable_id("r"),
        number=2,
        agent_id=stable_id("a"),
        staff_no="A001",
        agent_name="{name} 李静",
        team_id=stable_id("t"),
        team_name="一组",
        announced_at=START,
        confirm_by=START + timedelta(hours=8),
        first_start_at=START + timedelta(hours=13),
        zone="Asia/Shanghai",
        days=tuple(DayChange(on=date(2026, 3, 2 + n), before=None, after=night) for n in range(days)),
        late_notice=False,
        diff_hash="d",
    )


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=lambda policy: policy.event_type)
def test_every_policy_has_its_templates_and_they_name_known_fields(policy: Policy) -> None:
    for name, language in itertools.product(set(policy.templates), LANGUAGES):
        assert names_in(wording.TEMPLATES[name, language]) <= fields_of(policy.event_type), (name, language)
        assert not has_stray_brace(wording.TEMPLATES[name, language])


def test_no_template_is_left_over() -> None:
    used = set().union(*(set(policy.templates) for policy in SHIPPED.values()))
    assert used | FIELDS.keys() == {name for name, _ in wording.TEMPLATES}


def test_notices_to_customers_name_what_they_are_given() -> None:
    for (name, language), text in customers.TEXTS.items():
        assert names_in(text) <= FIELDS[name], (name, language)
        assert {language for other, language in customers.TEXTS if other == name} == set(LANGUAGES)


@pytest.mark.parametrize("policy", SHIPPED.values(), ids=lambda policy: policy.event_type)
def test_every_shipped_policy_would_be_accepted_when_saved_and_kept_as_it_is(policy: Policy) -> None:
    assert checked(policy, frozenset(name for name, _ in wording.TEMPLATES)) == policy
    assert policy.asks is None or faults_in(policy.asks.ladder) == []
    assert from_data(json.loads(json.dumps(as_data(policy)))) == policy


def test_the_pages_say_the_same_things_in_both_languages() -> None:
    assert WORDS["zh-CN"].keys() == WORDS["en"].keys()
    assert OF_OTHER_MATTERS["zh-CN"].keys() == OF_OTHER_MATTERS["en"].keys() <= WORDS["en"].keys()


def test_a_name_with_braces_is_only_a_name() -> None:
    facts = shift_change.facts(a_change(1), "Asia/Shanghai", "zh-CN")
    assert wording.render("shift_change.asked", "zh-CN", facts).text.startswith("{name} 李静，您的班次有变动")


@pytest.mark.parametrize(("language", "rest"), [("zh-CN", "…… 另有 7 天"), ("en", "… and 7 more days")])
def test_a_message_names_five_days_and_counts_the_rest(language: str, rest: str) -> None:
    text = shift_change.facts(a_change(12), "Asia/Shanghai", language)["days"]
    assert len(text.splitlines()) == 6
    assert text.endswith(rest)


def test_an_end_on_the_next_day_says_so_also_over_a_clock_change() -> None:
    berlin = zone_of("Europe/Berlin")
    start, end = datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 3, 29, 4, tzinfo=UTC)
    assert hours(start, end, berlin, "en") == "22:00–06:00 next day"
    assert hours(start, end, zone_of("No/Where"), "zh-CN") == "21:00–04:00 次日"


@pytest.mark.parametrize(
    ("offset", "why"),
    [
        ("50%", "50% of the time from the announcement to the deadline"),
        ("deadline", "the deadline"),
        ("-2h", "2h before the deadline"),
        ("+15min", "15min after the announcement"),
        ("deadline+15min", "15min after the deadline"),
    ],
)
def test_why_a_rung_fires_when_it_does(offset: str, why: str) -> None:
    [rung] = schedule([Step(offset, "lead")], START, START + timedelta(hours=8), START)
    assert why_next(rung, START, "Asia/Shanghai", "en") == f"Rung 0 goes to the lead Mon 2 Mar, 09:00: {why}."
    assert "班长" in why_next(rung, START, "Asia/Shanghai", "zh-CN")


@pytest.mark.parametrize(
    ("channel", "address", "seen"),
    [
        ("sms", "13800000000", "138****0000"),
        ("sms", "12345", "123****"),
        ("email", "li@example.com", "l****@example.com"),
        ("wecom", "zhang.san", "zh****"),
        ("wecom", "li", "****"),
    ],
)
def test_a_masked_address_is_recognised_and_not_known(channel: str, address: str, seen: str) -> None:
    assert masked(channel, address) == seen


@pytest.mark.parametrize(
    ("state", "answer", "reason", "subject", "hours_in", "expected"),
    [
        ("open", None, None, "announced", 1, "open"),
        ("open", None, None, "announced", 8, "late"),
        ("answered", "given", None, "announced", 9, "given"),
        ("answered", "given", None, "confirmed", 9, "given"),
        ("answered", "refused", "because", "resolved", 1, "refused"),
        ("answered", "given", None, "superseded", 1, "replaced"),
        ("answered", "given", None, "expired", 9, "late"),
        ("withdrawn", None, "confirmed", "confirmed", 1, "given"),
        ("withdrawn", None, "superseded", "announced", 1, "replaced"),
        ("withdrawn", None, "resolved", "resolved", 1, "over"),
        ("lapsed", None, None, "announced", 9, "late"),
        ("lapsed", None, None, "withdrawn", 9, "over"),
    ],
)
def test_where_a_question_stands(
    state: str, answer: str | None, reason: str | None, subject: str, hours_in: int, expected: str
) -> None:
    found = standing(
        state=state,
        answer=answer,
        reason=reason,
        subject_state=subject,
        deadline=START + timedelta(hours=8),
        now=START + timedelta(hours=hours_in),
    )
    assert found == expected
