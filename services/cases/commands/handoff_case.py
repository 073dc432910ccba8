"""What a hand-off means for its case: it waits for the team while the work is there, and goes on when it is back."""

from __future__ import annotations

from services.cases.commands.keeping import keep_case
from services.cases.commands.waiting import resume_case
from services.cases.domain import case as rules
from services.cases.domain.case import Case
from services.cases.domain.case_ending import with_news
from services.cases.domain.handoff import Handoff
from shared.platform.work import Work


async def begin_hop(work: Work, case: Case, handoff: Handoff) -> Case:
    """A team is asked: it may see the case from now on, and the case waits for it."""
    involved = rules.involving(case, handoff.to_team_id, now=work.now)
    after, event = rules.waiting(involved, for_="team", until=None, now=work.now)
    return await keep_case(work, case, after, event)


async def after_hop(work: Work, case: Case, *, news: bool) -> Case:
    """The work is back: the case goes on, and with `news` the customer has something to hear."""
    if case.state == "waiting_team":
        case = await resume_case(work, case)
    if news:
        case = await keep_case(work, case, with_news(case, now=work.now))
    return case
