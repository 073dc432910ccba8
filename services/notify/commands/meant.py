"""Whom the words of a policy mean for an event: people named in it, those above its team, everybody of some teams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from services.notify.commands.above import Above, above
from services.notify.domain import ladder
from services.notify.domain.families import ABOVE, Party, family_of, named_staff, named_teams, team_field
from services.notify.domain.ladder import Chain
from services.notify.store.crowd import Member, load_members, load_teams
from services.notify.store.recipients import Person, load_people
from shared.contracts.event import Event
from shared.platform.work import Work

_NAMES = {"staff_no": "agent_name"}
"""The field with a person's name, where it is not called like the field with their number."""


class NobodyKnown(LookupError):
    """Nobody to ask is known yet. Roster's news may still be on its way, so the event is tried again later."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the events of one transaction need to know of teams and people, loaded once."""

    work: Work
    over: Above
    people: dict[str, Person] = field(default_factory=dict)
    asked_for: set[str] = field(default_factory=set)

    async def learn(self, staff_nos: Iterable[str]) -> None:
        """Know these people."""
        if new := set(staff_nos) - self.asked_for:
            self.asked_for.update(new)
            self.people.update(await load_people(self.work, new))

    def gone(self, chain: Chain) -> frozenset[str]:
        """Those of a chain who have left."""
        today = self.work.now.date()
        left = {name: person.left_on for name in chain.people if (person := self.people.get(name))}
        return frozenset(name for name, left_on in left.items() if left_on and left_on < today)


class Meant:
    """Reads the words of one event."""

    def __init__(self, known: Known, event: Event) -> None:
        self._known = known
        self._event = event
        self._family = family_of(event.type)
        self.home = next(iter(named_teams(event, self._family.home)), None)

    @property
    def zone(self) -> str:
        """The zone that the event's times are read in: its own, or that of the team it belongs to."""
        return getattr(self._event, "zone", None) or self._known.over.zone(self.home)

    @property
    def line(self) -> tuple[UUID, ...]:
        """The team that the event belongs to and those above it, nearest first."""
        return tuple(team.team_id for team in self._known.over.line(self.home))

    def chain(self, member: Member) -> Chain:
        """The people above somebody, as of now."""
        return self._known.over.chain(member.staff_no, member.team_id)

    async def to_be_told(self, words: Sequence[str]) -> list[str]:
        """The staff numbers that these words mean, each once."""
        found = [member.staff_no for word in words for member in await self._members(word)]
        return list(dict.fromkeys(found))

    async def to_be_asked(self, words: Sequence[str]) -> list[Member]:
        """Who is to answer, each once. Where a word means nobody, whoever stands above does; where nobody does, the
        event is tried again later."""
        found: dict[str, Member] = {}
        for word in words:
            for member in await self._members(word) or await self._chief(self.home):
                found.setdefault(member.staff_no, member)
        if not found:
            raise NobodyKnown(f"nobody is known whom {self._event.type} could ask")
        return list(found.values())

    async def _members(self, word: str) -> list[Member]:
        word = word.replace("_", " ")
        if word in ABOVE:
            return await self._chief(self.home, word)
        party = self._family.parties[word]
        return await self._everybody(party) if party.each else await self._somebody(party)

    async def _somebody(self, party: Party) -> list[Member]:
        """Whom the event names, in a step of a chase by their part in it; nobody named: the team's lead."""
        team_id = next(iter(named_teams(self._event, team_field(self._event, party))), None)
        named = named_staff(self._event, party)
        if party.staff in ("told", "level"):
            return [member for word in named for member in await self._members(word)]
        if named:
            await self._known.learn(named)
            return [member for staff_no in named if (member := self._member(staff_no, party, team_id))]
        return await self._chief(team_id) if team_id else []

    def _member(self, staff_no: str, party: Party, team_id: UUID | None) -> Member | None:
        """A person as the event names them, else as they are known here; none without a team to climb above."""
        person = self._known.people.get(staff_no)
        team_id = team_id or (person.team_id if person else self.home)
        name = getattr(self._event, _NAMES.get(party.staff, f"{party.staff}_name"), None)
        shown = name if isinstance(name, str) else person.name if person else staff_no
        return (
            Member(staff_no, shown, team_id, self._team_name(team_id, team_field(self._event, party)))
            if team_id
            else None
        )

    async def _everybody(self, party: Party) -> list[Member]:
        team_ids = named_teams(self._event, party.team)
        if party.each == "member":
            return await load_members(self._known.work, team_ids)
        teams = await load_teams(self._known.work)
        chiefs = {
            team_id: chief
            for team_id in team_ids or teams
            if (team := teams.get(team_id)) and (chief := team.lead or team.supervisor)
        }
        await self._known.learn(chiefs.values())
        people = self._known.people
        return [
            Member(chief, people[chief].name if chief in people else chief, team_id, teams[team_id].name)
            for team_id, chief in chiefs.items()
        ]

    async def _chief(self, team_id: UUID | None, word: str = "lead") -> list[Member]:
        """Who stands above a team's people: who is meant by the word or, where that is nobody, whoever comes next."""
        for place in (team_id, *(team.team_id for team in self._known.over.line(team_id)[1:])):
            chain = self._known.over.chain("", place)
            await self._known.learn(chain.people)
            staff_no = ladder.reach(word, chain, self._known.gone(chain))[1]
            if staff_no:
                person = self._known.people.get(staff_no)
                team = team_id or (person.team_id if person else None)
                name = person.name if person else staff_no
                return [Member(staff_no, name, team, self._team_name(team, self._family.home))] if team else []
        return []

    def _team_name(self, team_id: UUID | None, field_name: str) -> str:
        said = getattr(self._event, f"{field_name.removesuffix('_id')}_name", None) if field_name else None
        team = self._known.over.teams.get(team_id) if team_id else None
        return said or (team.name if team else "")


async def readers(work: Work, events: Sequence[Event]) -> list[Meant]:
    """Readers of events' words, with those above every team that they name."""
    named = {team_id for event in events for team_id in _teams_of(event)}
    known = Known(work, await above(work, named))
    parties = ((event, party) for event in events for party in family_of(event.type).parties.values())
    staff = {name for event, party in parties for name in named_staff(event, party)}
    await known.learn(
        staff | {name for team in known.over.teams.values() for name in (team.lead, team.supervisor) if name}
    )
    return [Meant(known, event) for event in events]


def _teams_of(event: Event) -> set[UUID]:
    family = family_of(event.type)
    parties = [party for party in family.parties.values() if not party.each]
    named = {family.home, *(party.team for party in parties), *(party.outside for party in parties)}
    return {team_id for name in named for team_id in named_teams(event, name)}
