"""Topics form a tree."""

from __future__ import annotations

import pytest

from services.cases.domain.topic import require_place
from shared.contracts.refusal import Refusal

TREE = {"money": None, "bill": "money", "late-bill": "bill", "other": None}


def test_a_topic_stands_under_any_that_is_not_below_it() -> None:
    require_place("late-bill", "other", TREE)
    require_place("new", "late-bill", TREE)
    require_place("money", None, TREE)


@pytest.mark.parametrize("parent", ["money", "bill", "late-bill"])
def test_a_topic_cannot_stand_below_itself(parent: str) -> None:
    with pytest.raises(Refusal, match="topic-cycle"):
        require_place("money", parent, TREE)


def test_a_parent_must_exist() -> None:
    with pytest.raises(Refusal) as caught:
        require_place("new", "nowhere", TREE)
    assert [fault.code for fault in caught.value.faults] == ["topic-unknown"]
