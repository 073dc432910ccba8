"""Who asks: a person or a system behind a verified token, or the product itself."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.contracts.access import scopes_of
from shared.contracts.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Actor:
    """The verified caller. `staff_no` is the token's `staff_id`; `teams` are team ids or codes."""

    sub: str
    name: str = ""
    roles: tuple[str, ...] = ()
    staff_no: str | None = None
    teams: tuple[str, ...] = ()
    granted: frozenset[str] = field(default_factory=frozenset)

    @property
    def scopes(self) -> frozenset[str]:
        """What its roles allow and, for clients, what was granted by name."""
        return scopes_of(self.roles) | self.granted

    @property
    def sees_all(self) -> bool:
        """Managers, quality and systems are not bound to a team; nor is a client that has scopes and no role."""
        if not self.roles:
            return bool(self.granted)
        return bool({"manager", "quality", "integration", "system"} & set(self.roles))

    def require(self, scope: str) -> None:
        """Refuse with 403 unless the scope is held."""
        if scope not in self.scopes:
            raise Refusal("scope-missing", scope=scope)

    def leads(self, *team_names: object) -> bool:
        """Whether a lead or supervisor of that team (given by any of its names: id, code) is asking."""
        if self.sees_all:
            return True
        return bool({"lead", "supervisor"} & set(self.roles)) and bool(
            {str(name) for name in team_names} & set(self.teams)
        )

    def require_team(self, *team_names: object) -> None:
        """Refuse with 403 unless the caller leads this team or sees all."""
        if not self.leads(*team_names):
            raise Refusal("not-yours")

    def require_self_or_team(self, staff_no: str, *team_names: object) -> None:
        """Refuse with 403 unless the caller is that person, leads their team, or sees all."""
        if self.staff_no != staff_no and not self.leads(*team_names):
            raise Refusal("not-yours")


SYSTEM = Actor(sub="ringback", name="Ringback", roles=("system",))
