"""The texts this product comes with: one catalogue, by template name and language."""

from __future__ import annotations

from services.notify.domain.texts import broadcasts, cases, customers, figures, handoffs, problems, roster
from services.notify.domain.texts.wording import Wording

TEMPLATES: dict[tuple[str, str], Wording] = {
    key: wording
    for module in (roster, handoffs, cases, problems, figures, broadcasts, customers)
    for key, wording in module.TEXTS.items()
}
"""By name and language; a name is the same in every language."""

__all__ = ["TEMPLATES"]
