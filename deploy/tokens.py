"""Sign tokens with the local key, for people and for clients."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.trouble import Trouble
from shared.contracts.access import ALL_SCOPES, ROLES
from shared.platform.auth import Signer


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a token speaks for."""

    sub: str
    roles: tuple[str, ...]
    name: str = ""
    staff_no: str | None = None
    teams: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


def sign(signer: Signer, holder: Holder, valid_seconds: int = 12 * 3600) -> str:
    """A token for `holder`."""
    return signer.token(
        sub=holder.sub,
        roles=holder.roles,
        name=holder.name,
        staff_no=holder.staff_no,
        teams=holder.teams,
        scopes=holder.scopes,
        valid_seconds=valid_seconds,
    )


def people_in(file: Path) -> dict[str, Holder]:
    """The demo centre's people by staff number; empty without a demo centre."""
    if not file.exists():
        return {}
    rows = json.loads(file.read_text())
    return {
        row["staff_no"]: Holder(row["staff_no"], tuple(row["roles"]), row["name"], row["staff_no"], tuple(row["teams"]))
        for row in rows
    }


def signer_in(folder: Path) -> Signer:
    """The signer of a data folder, which must have been made before."""
    if not (folder / "signing-key.json").exists():
        raise Trouble(
            f"{folder} 中没有签名密钥。请先用同一 --data 运行 ringback dev,或用 ringback provision --keys 生成。",
            f"There is no signing key in {folder}. Run `ringback dev` with the same --data first, "
            "or make one with `ringback provision --keys`.",
        )
    return Signer(folder)


def person(known: dict[str, Holder], who: str, role: str | None, teams: Sequence[str]) -> Holder:
    """The person `who`: somebody known, or of a new role told by `role` or by the name itself (`lead-01`)."""
    found = known.get(who)
    if found is None:
        told = role or who.partition("-")[0]
        return Holder(who, (_valid_role(told),), staff_no=who, teams=tuple(teams))
    roles = (_valid_role(role),) if role else found.roles
    return Holder(found.sub, roles, found.name, found.staff_no, tuple(teams) or found.teams)


def role_holder(role: str, staff_no: str | None, teams: Sequence[str]) -> Holder:
    """Anybody of that role."""
    return Holder(staff_no or role, (_valid_role(role),), staff_no=staff_no, teams=tuple(teams))


def client(name: str, scopes: Sequence[str]) -> Holder:
    """A system: with exactly the scopes named, or all that an integration may have."""
    if unknown := sorted(set(scopes) - ALL_SCOPES):
        raise Trouble(
            f"没有这些权限：{', '.join(unknown)}。可用：{', '.join(sorted(ALL_SCOPES))}。",
            f"There are no such scopes: {', '.join(unknown)}. Choose from {', '.join(sorted(ALL_SCOPES))}.",
        )
    return Holder(name, () if scopes else ("integration",), scopes=tuple(scopes))


def _valid_role(role: str) -> str:
    if role not in ROLES:
        raise Trouble(
            f"没有角色 {role}。可用：{', '.join(ROLES)}。", f"There is no role {role}. Choose from {', '.join(ROLES)}."
        )
    return role
