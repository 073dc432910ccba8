"""Who may do what: the one table from roles to scopes. Every route names one scope; what is not listed is denied.

A scope says what kind of act is allowed; whose data is decided by the service (agents their own, leads and supervisors
their teams', managers and integrations all).
"""

from __future__ import annotations

ROLES = ("agent", "lead", "supervisor", "quality", "manager", "partner", "integration")

_SELF = frozenset(
    {"roster:read", "roster:answer", "notify:read", "notify:answer", "cases:read", "cases:work", "kpi:read"}
)
_FLOOR = _SELF | {"roster:record", "roster:approve", "notify:remind", "kpi:decide"}
_SUPERVISE = _FLOOR | {
    "roster:plan",
    "roster:publish",
    "roster:resolve",
    "notify:vouch",
    "cases:configure",
    "cases:import",
    "cases:personal",
}
_EVERYTHING = _SUPERVISE | {
    "roster:configure",
    "notify:configure",
    "kpi:configure",
    "ops:read",
    "ops:repair",
    "dev:clock",
}

SCOPES: dict[str, frozenset[str]] = {
    "agent": _SELF,
    "lead": _FLOOR,
    "supervisor": _SUPERVISE,
    "quality": frozenset({"roster:read", "notify:read", "cases:read", "kpi:read"}),
    "manager": frozenset(_EVERYTHING),
    "partner": frozenset({"notify:read", "notify:answer", "cases:read", "cases:work"}),
    "integration": frozenset(_EVERYTHING - {"dev:clock"}),
}

ALL_SCOPES = frozenset().union(*SCOPES.values())


def scopes_of(roles: tuple[str, ...]) -> frozenset[str]:
    """All scopes of the given roles; unknown roles grant nothing."""
    return frozenset().union(*(SCOPES.get(role, frozenset()) for role in roles))
