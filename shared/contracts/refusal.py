"""A rule said no. Raised where the rule is; turned into HTTP in one place (shared.platform.problems)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in an input: where it is, its code, and the values its sentence needs.

    `field` is a JSON path (`draft.3.code`) or a cell of a sheet (`row 4, column C`).
    """

    field: str
    code: str
    params: dict[str, object]


class Refusal(Exception):
    """A business rule refuses. `code` is listed in shared.contracts.errors; params fill its sentence.

    Example: raise Refusal("change-superseded", current_change_id=str(newer)).
    Of a `not-found`, `noun` is one of shared.contracts.nouns, and `what` tells which.
    `fields`: what it is about, where the same is wrong with each of them; `faults`, where each has its own.
    `extra` is added to the problem document as it is (facts the caller needs to go on).
    """

    def __init__(
        self,
        code: str,
        *,
        fields: Iterable[str] = (),
        faults: tuple[Fault, ...] = (),
        extra: dict[str, object] | None = None,
        **params: object,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.faults = faults or tuple(Fault(field, code, params) for field in fields)
        self.extra = extra or {}
        self.params = params
