"""One act on many cases: each by itself, so that what is refused for one stops no other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.cases.domain.case import Case
from services.cases.store.contacts import set_mark, undo_to_mark
from shared.contracts.refusal import Refusal
from shared.platform.work import Work

Act = Callable[..., Awaitable[Case]]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one case: as it is now, or why it was refused."""

    case_id: UUID
    case: Case | None = None
    refusal: Refusal | None = None


async def act_on_cases(work: Work, *, act: Act, case_ids: Sequence[UUID], told: dict[str, Any]) -> list[Done]:
    """Do the same with every case, in one order for everybody, so that two lists never wait for each other."""
    done = {case_id: await _act_on(work, act, case_id, told) for case_id in sorted(set(case_ids))}
    return [done[case_id] for case_id in dict.fromkeys(case_ids)]


async def _act_on(work: Work, act: Act, case_id: UUID, told: dict[str, Any]) -> Done:
    published = len(work.recorded)
    await set_mark(work.conn)
    try:
        return Done(case_id, await act(work, case_id=case_id, **told))
    except Refusal as refusal:
        await undo_to_mark(work.conn)
        del work.recorded[published:]
        return Done(case_id, refusal=refusal)
