"""Every error code, once: its HTTP status and its sentence in Chinese and English.

A code is a kebab-case slug and never changes its meaning. `{names}` in a sentence are the Refusal's params.
Codes of one service stand in the module of that service; codes of the plumbing in `common`.
"""

from shared.contracts.errors import cases, common, exchange, kpi, notify, roster
from shared.contracts.errors.common import Problem

PROBLEMS: dict[str, Problem] = {
    code: problem
    for module in (common, roster, exchange, notify, cases, kpi)
    for code, problem in module.PROBLEMS.items()
}

__all__ = ["PROBLEMS", "Problem"]
