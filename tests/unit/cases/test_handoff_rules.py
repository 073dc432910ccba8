"""Rules around hand-offs that need no database: where time goes, what counts as an answer, what was missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.cases.domain.handoff import Handoff
from services.cases.domain.handoff_hops import Phase, stretches
from services.cases.domain.missed_step import AskedAgain, missed_steps
from services.cases.domain.progress import says_where_it_stands
from services.cases.domain.sla_policy import HandoffTerms
from shared.platform.ids import new_id

OPENED = datetime(2026, 3, 2, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def hop(number: int = 1, asked: float = 0, **at: float) -> Handoff:
    """A hop with its times in seconds after the opening."""
    asked_at = OPENED + asked * SECOND
    given_times = {name: OPENED + seconds * SECOND for name, seconds in at.items()}
    return Handoff(
        **{
            "handoff_id": new_id(),
            "case_id": new_id(),
            "hop": number,
            "sender": "A1",
            "sender_name": "林晓梅",
            "to_team_id": new_id(),
            "to_team_code": "T2",
            "to_team_name": "物流部",
            "channel": "system",
            "external": False,
            "reason": "查件",
            "request": "请查",
            "terms": HandoffTerms(),
            "requested_at": asked_at,
            "ack_due_at": asked_at + 3600 * SECOND,
            "due_at": asked_at + 36_000 * SECOND,
            "updated_at": asked_at,
            **given_times,
        }  # type: ignore[arg-type]
    )


@st.composite
def lives(draw: st.DrawFn) -> tuple[list[Phase], list[Handoff], datetime]:
    """A case's changes of state and its hops, one after the other, at any microsecond."""
    cuts = sorted(draw(st.lists(st.integers(0, 10**12), min_size=4, max_size=20)))
    states = st.sampled_from(("open", "in_progress", "waiting_customer", "waiting_team", "resolved", "closed"))
    moments = [OPENED + timedelta(microseconds=cut) for cut in cuts]
    phases = [Phase(at=OPENED, state="open"), *(Phase(at=at, state=draw(states)) for at in moments[::3])]
    hops = []
    for number in range(0, len(moments) - 3, 3):
        asked, accepted, left = moments[number : number + 3]
        taken = draw(st.booleans())
        seconds = [(at - OPENED).total_seconds() for at in (asked, accepted, left)]
        times = {"accepted_at": seconds[1], "answered_at": seconds[2]} if taken else {"ended_at": seconds[2]}
        hops.append(hop(len(hops) + 1, seconds[0], **times))
    return phases, hops, moments[-1]


@given(lives())
def test_hops_and_waits_follow_each_other_and_sum_exactly_to_the_age(
    life: tuple[list[Phase], list[Handoff], datetime],
) -> None:
    phases, hops, until = life
    found = list(stretches(phases, hops, until=until))
    assert sum((one.to_at - one.from_at for one in found), timedelta()) == until - OPENED
    for one, other in pairwise(found):
        assert one.to_at == other.from_at
    for one in hops:
        left_at = one.answered_at or one.ended_at or until
        own = [stretch for stretch in found if stretch.handoff_id == one.handoff_id]
        assert sum((stretch.to_at - stretch.from_at for stretch in own), timedelta()) == left_at - one.requested_at


@pytest.mark.parametrize(
    "empty",
    [
        "请耐心等待",
        "请您耐心等待，谢谢！",
        "正在处理中，请稍等",
        "好的，收到，会尽快处理",
        "正在为您核实，请耐心等候通知。",
        "Please wait",
        "Please wait, we are working on it.",
        "Still being processed, please bear with us!",
        "Thank you for your patience",
        "……",
    ],
)
def test_please_wait_in_any_wording_is_no_answer(empty: str) -> None:
    assert not says_where_it_stands(empty)


@pytest.mark.parametrize(
    "answer",
    [
        "已定位到浦东站点",
        "财务已打款，等待银行入账",
        "正在等待供应商寄出配件，周三到货",
        "请耐心等待：工程师明早9点到现场",
        "Refund approved, the bank takes two days",
        "Please wait: the part ships on Tuesday",
    ],
)
def test_a_text_that_says_where_it_stands_is_an_answer(answer: str) -> None:
    assert says_where_it_stands(answer)


def test_a_repeat_contact_that_led_to_no_question_is_a_miss_of_whoever_took_it() -> None:
    at_work = hop(accepted_at=60)
    again = AskedAgain(at=OPENED + 600 * SECOND, by="A2", by_name="周启明", contact_id=None)
    [missed] = missed_steps([at_work], [], [], [again], now=OPENED + 1200 * SECOND)
    assert (missed.step, missed.holder, missed.handoff_id) == ("progress_not_asked", "A2", at_work.handoff_id)
    assert missed_steps([hop(accepted_at=60, answered_at=500)], [], [], [again], now=OPENED + 1200 * SECOND) == []


def test_what_was_not_accepted_in_time_names_the_asked_team_and_if_nobody_chased_the_sender() -> None:
    silent = hop(ended_at=7200)
    steps = missed_steps([silent], [], [], [], now=OPENED + 9000 * SECOND)
    assert [(one.step, one.team_name, one.holder, one.late_seconds) for one in steps] == [
        ("handoff_not_accepted", "物流部", None, 3600),
        ("acknowledgement_not_chased", None, "A1", 3600),
    ]
