"""Whose data a caller may touch."""

from __future__ import annotations

from functools import partial

import pytest

from shared.contracts.refusal import Refusal
from shared.platform.actor import SYSTEM, Actor

LEAD = Actor(sub="L001", roles=("lead",), staff_no="L001", teams=("HOT1", "t-1"))
AGENT = Actor(sub="A001", roles=("agent",), staff_no="A001", teams=("HOT1",))
MANAGER = Actor(sub="M001", roles=("manager",))
CLIENT = Actor(sub="crm", granted=frozenset({"roster:read"}))


not_yours = partial(pytest.raises, Refusal, check=lambda refusal: refusal.code == "not-yours")


def test_a_lead_leads_their_teams_by_any_of_their_names_and_no_other() -> None:
    LEAD.require_team("t-1", "HOT1")
    LEAD.require_team("HOT1")
    with not_yours():
        LEAD.require_team("t-2", "HOT2")


def test_an_agent_answers_for_itself_only() -> None:
    AGENT.require_self_or_team("A001", "HOT1")
    with not_yours():
        AGENT.require_self_or_team("A002", "HOT1")
    with not_yours():
        AGENT.require_team("HOT1")


@pytest.mark.parametrize("actor", [MANAGER, CLIENT, SYSTEM])
def test_managers_clients_and_the_product_see_all(actor: Actor) -> None:
    assert actor.sees_all
    actor.require_team("HOT2")


def test_a_scope_granted_by_name_does_not_widen_whose_data_a_person_sees() -> None:
    agent = Actor(sub="A001", roles=("agent",), staff_no="A001", granted=frozenset({"roster:publish"}))
    assert "roster:publish" in agent.scopes
    assert not agent.sees_all


def test_nobody_in_particular_may_nothing() -> None:
    stranger = Actor(sub="x")
    assert stranger.scopes == frozenset()
    with not_yours():
        stranger.require_self_or_team("A001", "HOT1")
