"""Case types over HTTP: which fields a case has, and from when on each is required."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from services.cases.commands import case_types as commands
from services.cases.domain.fields import CaseType, FieldRule
from services.cases.queries import case_types as queries
from shared.platform.door import Door, opens
from shared.platform.fields import Body, Code, Name
from shared.platform.paging import After, Limit, Page
from shared.platform.routing import Router

router = Router(tags=["case types"])

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
Level = Literal["high", "normal", "low"]
Days = Annotated[int, Field(ge=0, le=365)]


class GivenField(Body):
    """One field: how to ask for it, and from which stage on it is required (absent: never)."""

    code: Slug
    name: Name
    name_en: Name | None = None
    kind: Literal["text", "number", "date", "choice", "flag", "phone"] = "text"
    required_from: Literal["open", "in_progress", "waiting", "resolved", "closed"] | None = None
    question_zh: Name | None = None
    question_en: Name | None = None
    choices: Annotated[list[Name], Field(max_length=100)] = []

    def made(self) -> FieldRule:
        """As the domain knows it."""
        told = self.model_dump(exclude={"name_en", "choices"})
        return FieldRule(**told, name_en=self.name_en or self.name, choices=tuple(self.choices))


class NewCaseType(Body):
    """A case type to add; `team` is the code of the responsible team."""

    code: Slug
    name: Name
    name_en: Name | None = None
    fields: Annotated[list[GivenField], Field(max_length=100)] = []
    team: Code | None = None
    sla_policy: Code | None = None
    urgency: Level = "normal"
    importance: Level = "normal"
    silence_days: Days = 3
    repeat_days: Days = 7

    def told(self) -> dict[str, Any]:
        """As the command takes it."""
        told = self.model_dump(exclude={"fields", "name_en"})
        return told | {"name_en": self.name_en or self.name, "fields": tuple(one.made() for one in self.fields)}


class CaseTypeChange(Body):
    """What the next version has differently; what is absent stays."""

    name: Name = ""
    name_en: Name = ""
    fields: Annotated[list[GivenField], Field(max_length=100)] = []
    team: Code | None = None
    sla_policy: Code | None = None
    urgency: Level = "normal"
    importance: Level = "normal"
    silence_days: Days = 3
    repeat_days: Days = 7

    def changes(self) -> dict[str, Any]:
        """Only what was given."""
        given: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        if "fields" in given:
            given["fields"] = tuple(one.made() for one in self.fields)
        return given


@router.post("/case-types", status_code=201, response_model=CaseType, operation_id="create_case_type")
async def create_case_type(body: NewCaseType, door: Door = opens("cases:configure")) -> Response:
    """Add a case type."""
    return await door.run(commands.create_case_type, status=201, **body.told())


@router.get("/case-types", response_model=Page[CaseType], operation_id="list_case_types")
async def list_case_types(limit: Limit = 50, after: After = None, door: Door = opens("cases:read")) -> Response:
    """Case types by code, each as it is for new cases."""
    return await door.read(queries.list_case_types, limit=limit, after=after)


@router.get("/case-types/{code}", response_model=CaseType, operation_id="get_case_type")
async def get_case_type(
    code: Slug,
    version: Annotated[int | None, Query(ge=1, le=1_000_000)] = None,
    door: Door = opens("cases:read"),
) -> Response:
    """One case type, as it is for new cases or as it was in a version."""
    return await door.read(queries.get_case_type, code=code, version=version)


@router.patch("/case-types/{code}", response_model=CaseType, operation_id="change_case_type")
async def change_case_type(code: Slug, body: CaseTypeChange, door: Door = opens("cases:configure")) -> Response:
    """Change a case type for cases to come; cases that are there keep their version."""
    return await door.run(commands.change_case_type, code=code, seen_version=door.if_match, changes=body.changes())
