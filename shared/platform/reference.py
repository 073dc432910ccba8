"""Reference pages that every service serves by itself, without the internet: HTTP API, events, problems.

`/<service>/v1/docs` to try requests, `/reference` to read, `/events` for what it publishes and hears, and
`/error-codes` for every code it may refuse with. The scripts come with fastapi-offline.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, JSONResponse, Response

from shared.contracts import EVENTS, asyncapi
from shared.contracts.errors import PROBLEMS
from shared.contracts.routes import HEARS
from shared.contracts.schema import schema_of
from shared.platform.routing import Router

if TYPE_CHECKING:
    from jinja2 import Template

_QUOTED = re.compile("`([^`]+)`")


def add_reference(app: FastAPI, service: str, prefix: str) -> None:
    """Let the application serve its own documents."""
    static = f"{prefix}/docs/static"
    app.include_router(_router(service, app.title, f"{prefix}/openapi.json", static), prefix=prefix)
    app.mount(static, StaticFiles(directory=_scripts()))


def _router(service: str, title: str, openapi_url: str, static: str) -> APIRouter:
    router = Router(include_in_schema=False)

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        """Swagger UI: try requests."""
        return get_swagger_ui_html(
            openapi_url=openapi_url,
            title=title,
            swagger_js_url=f"{static}/swagger-ui-bundle.js",
            swagger_css_url=f"{static}/swagger-ui.css",
            swagger_favicon_url=f"{static}/favicon.png",
        )

    @router.get("/reference")
    async def reference() -> HTMLResponse:
        """Redoc: read."""
        return get_redoc_html(
            openapi_url=openapi_url,
            title=title,
            redoc_js_url=f"{static}/redoc.standalone.js",
            redoc_favicon_url=f"{static}/favicon.png",
            with_google_fonts=False,
        )

    @router.get("/events")
    async def events() -> HTMLResponse:
        """What the service publishes and hears."""
        return HTMLResponse(_events_page(service, title))

    @router.get("/asyncapi.json")
    async def events_document() -> Response:
        """Every event of every service, as AsyncAPI 3.0."""
        return JSONResponse(asyncapi.document())

    @router.get("/error-codes")
    async def error_codes() -> Response:
        """Every code that a service may refuse with."""
        return JSONResponse({"items": [{"code": code, **problem._asdict()} for code, problem in PROBLEMS.items()]})

    return router


@cache
def _events_page(service: str, title: str) -> str:
    published = [_described(type_) for type_ in sorted(EVENTS) if type_.startswith(f"{service}.")]
    heard = [_described(type_) for type_ in sorted(HEARS[service])]
    return _template().render(title=title, published=published, heard=heard)


def _described(type_: str) -> dict[str, Any]:
    schema = schema_of(EVENTS[type_])
    fields = [(name, _kind(value), name in schema["required"]) for name, value in schema["properties"].items()]
    return {"type": type_, "description": _with_code(schema["description"]), "fields": fields}


def _with_code(text: str) -> Markup:
    """Words in backticks become code."""
    return Markup(_QUOTED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def _kind(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return f"{_kind(schema['anyOf'][0])} or null"
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    if schema.get("properties"):
        return "{" + ", ".join(schema["properties"]) + "}"
    return str(schema.get("format", schema["type"]))


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, select_autoescape  # noqa: PLC0415 - not before the first page

    environment = Environment(loader=PackageLoader("shared.platform", "pages"), autoescape=select_autoescape())
    return environment.get_template("events.html")


def _scripts() -> Path:
    return Path(str(files("fastapi_offline"))) / "static"
