"""Policies (what each event asks, of whom, and who is told) and the templates of messages."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from services.notify.commands import policies as commands
from services.notify.domain.ladder import LONGEST
from services.notify.domain.texts.wording import Wording
from services.notify.queries import policies as queries
from shared.platform.door import Door, opens
from shared.platform.routing import Router
from shared.platform.web import Body, Code, Text

router = Router(tags=["policies"])

EventType = Annotated[Code, Path(examples=["cases.handoff.requested.v1"])]
ForTeam = Annotated[Code | None, Query(description="a team's id or code; without one, the centre's")]
TemplateName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_.-]{0,99}$", examples=["handoff.asked"])]
Language = Literal["zh-CN", "en"]
Words = Annotated[list[Code], Field(min_length=1, max_length=10)]


class StepBody(Body):
    """One rung: when (`+0`, `+15min`, `50%`, `-2h`, `deadline`, `deadline+15min`), and for whom."""

    offset: Code
    target: Code


class AsksBody(Body):
    """The question, its templates and its ladder; see GET for whom `to` may name."""

    to: Words
    asked: Code
    reminder: Code
    silent: Code
    overdue: Code
    ladder: Annotated[list[StepBody], Field(min_length=1, max_length=LONGEST)]
    within: Code | None = None
    answerable: bool = True


class TellsBody(Body):
    """A plain message; `when` names a field of the event that must be set (`not x`: unset)."""

    template: Code
    to: Words
    when: Code | None = None
    once: Code | None = None


class PolicyBody(Body):
    """What an event asks and tells. Without `asks` nobody is asked."""

    asks: AsksBody | None = None
    tells: Annotated[list[TellsBody], Field(max_length=10)] = []
    urgent: bool = False


class WordingBody(Body):
    """Title and text; fields of the event in braces, as in `{name}`."""

    title: Annotated[Text, Field(max_length=200)]
    text: Text


class TemplateBody(Body):
    """A template's texts by language; `event_type` says whose fields they name, for a template of your own."""

    texts: Annotated[dict[Language, WordingBody], Field(min_length=1)]
    event_type: Code | None = None


class PreviewBody(Body):
    """Values for fields, and a draft to look at instead of the template in force."""

    language: Language | None = None
    fields: Annotated[dict[Code, Text], Field(max_length=100)] = {}
    draft: WordingBody | None = None


@router.get("/policies", response_model=dict[str, list[queries.PolicyView]], operation_id="list_policies")
async def list_policies(door: Door = opens("notify:read")) -> Response:
    """The centre's policies, by event type."""
    return await door.read(queries.policies)


@router.get("/policies/{event_type}", response_model=queries.PolicyView, operation_id="get_policy")
async def get_policy(event_type: EventType, team: ForTeam = None, door: Door = opens("notify:read")) -> Response:
    """The policy in force for an event, for a team or the whole centre."""
    return await door.read(queries.policy, event_type=event_type, team=team)


@router.put("/policies/{event_type}", response_model=commands.SavedPolicy, operation_id="save_policy")
async def save_policy(
    event_type: EventType, body: PolicyBody, team: ForTeam = None, door: Door = opens("notify:vouch")
) -> Response:
    """Save the policy of an event for a team, or for the centre, as its next version."""
    return await door.run(
        commands.save_policy, event_type=event_type, team=team, version=_seen(door), content=body.model_dump()
    )


@router.delete("/policies/{event_type}", status_code=204, operation_id="drop_policy")
async def drop_policy(event_type: EventType, team: ForTeam = None, door: Door = opens("notify:vouch")) -> Response:
    """Back to the policy above: a team's to the centre's, the centre's to the shipped one."""
    return await door.run(commands.drop_policy, status=204, event_type=event_type, team=team)


@router.get("/templates", response_model=dict[str, list[queries.TemplateView]], operation_id="list_templates")
async def list_templates(door: Door = opens("notify:read")) -> Response:
    """Every template in force, in every language."""
    return await door.read(queries.templates)


@router.get("/templates/{template_id}", response_model=queries.TemplateView, operation_id="get_template")
async def get_template(template_id: TemplateName, door: Door = opens("notify:read")) -> Response:
    """One template and the fields that its texts may name."""
    return await door.read(queries.template, name=template_id)


@router.put("/templates/{template_id}", response_model=commands.Template, operation_id="save_template")
async def save_template(
    template_id: TemplateName, body: TemplateBody, door: Door = opens("notify:configure")
) -> Response:
    """Save a template's texts as its next version; one that names an unknown field is refused."""
    texts = {language: text.model_dump() for language, text in body.texts.items()}
    return await door.run(
        commands.save_template, template=template_id, event_type=body.event_type, version=_seen(door), texts=texts
    )


@router.post("/templates/{template_id}/preview", response_model=queries.Preview, operation_id="preview_template")
async def preview_template(template_id: TemplateName, body: PreviewBody, door: Door = opens("notify:read")) -> Response:
    """A template filled in, as its reader would see it. Nothing is saved or sent."""
    draft = Wording(body.draft.title, body.draft.text) if body.draft else None
    language = body.language or door.language
    return await door.read(queries.preview, name=template_id, language=language, values=body.fields, text=draft)


def _seen(door: Door) -> int | None:
    """The version the caller saw, when they say so."""
    return door.if_match if "if-match" in door.request.headers else None
