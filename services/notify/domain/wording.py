"""Templates filled in: the shipped ones, and those a centre has written instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.notify.domain.facts import fields_of
from services.notify.domain.shipped import SHIPPED
from services.notify.domain.texts import TEMPLATES
from services.notify.domain.texts.customers import FIELDS
from services.notify.domain.texts.wording import Wording, filled
from shared.contracts.cases import NoticeRequested

__all__ = ["TEMPLATES", "Catalogue", "Wording", "event_of_template", "fields_of_template", "passed_over", "render"]

_PASSED = {
    "recipient": {"zh-CN": "（本人已无法通知，转给您）", "en": "(The person cannot be told, so this came to you.) "},
    "recipient, next channel": {
        "zh-CN": "（本人已没有其他渠道，转给您）",
        "en": "(The person has no further channel, so this came to you.) ",
    },
    "lead": {"zh-CN": "（没有可通知的班长，直接转给您）", "en": "(There is no lead to tell, so this came to you.) "},
    "supervisor": {
        "zh-CN": "（没有可通知的主管，直接转给您）",
        "en": "(There is no supervisor to tell, so this came to you.) ",
    },
    "duty manager": {
        "zh-CN": "（没有值班经理，直接转给您）",
        "en": "(There is no duty manager, so this came to you.) ",
    },
}


class Catalogue:
    """The texts in force: a centre's own where there are any, else the shipped ones."""

    def __init__(self, own: Mapping[tuple[str, str], Wording]) -> None:
        self._own = own

    @classmethod
    def of(cls, texts: Iterable[tuple[str, Mapping[str, Mapping[str, str]]]]) -> Catalogue:
        """The texts in force, from what a centre has written: by name, the texts by language."""
        return cls(
            {
                (name, language): Wording(text["title"], text["text"])
                for name, by_language in texts
                for language, text in by_language.items()
            }
        )

    def knows(self, template: str) -> bool:
        """Whether there is a template of that name."""
        return (template, "zh-CN") in TEMPLATES or any(name == template for name, _ in self._own)

    def render(self, template: str, language: str, facts: Mapping[str, str]) -> Wording:
        """A template filled in; facts that are not known are left empty."""
        return filled(self._text(template, language), facts)

    def _text(self, template: str, language: str) -> Wording:
        """A template in a language or, where a centre wrote its own in one language only, in that one."""
        known = self._own.get((template, language)) or TEMPLATES.get((template, language))
        return known or next(text for (name, _), text in self._own.items() if name == template)


def event_of_template(template: str) -> str | None:
    """The event that a shipped template is about; none when we ship no such template."""
    return _EVENTS.get(template)


def fields_of_template(template: str, event_type: str) -> frozenset[str]:
    """The fields that a template may name: those of its event, or those that a notice to customers is given."""
    return FIELDS.get(template) or fields_of(event_type)


def render(template: str, language: str, facts: Mapping[str, str]) -> Wording:
    """A shipped template filled in; facts that are not known are left empty."""
    return filled(_shipped(template, language), facts)


def passed_over(targets: tuple[str, ...], language: str) -> str:
    """Why a message reached this person and not the one it was meant for."""
    return "".join(_PASSED[target][language] for target in targets if target in _PASSED)


def _shipped(template: str, language: str) -> Wording:
    return TEMPLATES[template, language]


_EVENTS = {
    **{name: policy.event_type for policy in SHIPPED.values() for name in policy.templates},
    **dict.fromkeys(FIELDS, NoticeRequested.type),
}
