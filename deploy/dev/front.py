"""What the one origin answers itself: the index page, the pages for developers, the clock, health and metrics."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import AwareDatetime, Field
from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from deploy.dev.clockwork import Clockwork
from deploy.dev.house import House
from shared.contracts.refusal import Refusal
from shared.contracts.routes import SERVICES
from shared.platform import health
from shared.platform.actor import Actor
from shared.platform.auth import Verifier
from shared.platform.edge import Edge
from shared.platform.problems import HANDLERS
from shared.platform.rates import Rates
from shared.platform.routing import Router
from shared.platform.settings import Settings
from shared.platform.web import Body

if TYPE_CHECKING:
    from jinja2 import Template

AT_MOST = timedelta(days=400)

router = Router()


class Advance(Body):
    """How far to move the clock: by a duration, or to an instant."""

    days: float = Field(0, ge=0, le=400, allow_inf_nan=False)
    hours: float = Field(0, ge=0, le=10_000, allow_inf_nan=False)
    minutes: float = Field(0, ge=0, le=600_000, allow_inf_nan=False)
    seconds: float = Field(0, ge=0, le=36_000_000, allow_inf_nan=False)
    to: AwareDatetime | None = None

    def target(self, now: datetime) -> datetime:
        """The instant asked for; 422 when it has passed, is too far off, or is said in both ways or in neither."""
        step = timedelta(days=self.days, hours=self.hours, minutes=self.minutes, seconds=self.seconds)
        stepped = bool(self.model_fields_set - {"to"})
        if stepped == (self.to is not None) or not now <= (self.to or now + step) <= now + AT_MOST:
            raise Refusal("clock-step-invalid", most=AT_MOST.days)
        return self.to or now + step


def build(house: House, clockwork: Clockwork, verifier: Verifier) -> FastAPI:
    """The front application."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, exception_handlers=HANDLERS)
    app.state.house, app.state.clockwork, app.state.verifier = house, clockwork, verifier
    app.include_router(router)
    app.add_middleware(Edge, service="dev", rates=Rates(Settings().rate_limit_per_minute))
    return app


Bearer = Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))]


async def caller(request: Request, bearer: Bearer) -> Actor:
    """Whoever holds a valid token."""
    if bearer is None:
        raise Refusal("not-authenticated")
    verifier: Verifier = request.app.state.verifier
    return await verifier.actor(bearer.credentials)


Caller = Annotated[Actor, Depends(caller)]


@router.get("/dev/clock")
async def read_clock(request: Request, actor: Caller) -> Response:
    """What time it is here."""
    return _clock(request)


@router.post("/dev/clock/advance")
async def advance_clock(request: Request, wanted: Advance, actor: Caller) -> Response:
    """Move the clock forward; what falls due on the way has happened when the answer comes."""
    actor.require("dev:clock")
    clockwork: Clockwork = request.app.state.clockwork
    await clockwork.advance(wanted.target(clockwork.clock.now()))
    return _clock(request)


@router.post("/dev/settle")
async def settle(request: Request, actor: Caller) -> Response:
    """Wait until everything that waits has been worked off."""
    actor.require("dev:clock")
    await request.app.state.clockwork.settle()
    return _clock(request)


def _clock(request: Request) -> Response:
    return _json({"now": request.app.state.clockwork.clock.now()})


@router.get("/livez")
async def livez() -> Response:
    """The process runs."""
    return _json({"status": "ok"})


@router.get("/readyz")
async def readyz(request: Request) -> Response:
    """Every service's readiness."""
    house: House = request.app.state.house
    found = {
        service: await health.ready(house.databases[service], getattr(app.state, "checks", {}))
        for service, app in house.apps.items()
    }
    ready = all(readiness.ready for readiness in found.values())
    return _json({"ready": ready, "services": found}, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Prometheus' text format, over all services."""
    for database in request.app.state.house.databases.values():
        await health.observe(database)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/")
async def index(request: Request) -> Response:
    """The addresses, for people."""
    return _page("index.html.jinja", services=_services(request))


@router.get("/docs")
async def docs(request: Request) -> Response:
    """Every operation of every service, read from its OpenAPI document."""
    return _page("docs.html.jinja", services=_services(request))


@router.get("/dev/messages")
async def messages() -> Response:
    """The viewer of captured messages; the browser fetches them with the token that its user gives."""
    return _page("messages.html.jinja")


def _services(request: Request) -> list[dict[str, Any]]:
    apps = request.app.state.house.apps
    return [{"name": service, "document": apps[service].openapi()} for service in SERVICES]


def _page(name: str, **values: Any) -> Response:
    return HTMLResponse(_template(name).render(**values), headers={"Referrer-Policy": "no-referrer"})


@cache
def _template(name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader  # noqa: PLC0415 - not before the first page

    return Environment(loader=FileSystemLoader(Path(__file__).parent / "pages"), autoescape=True).get_template(name)


def _json(content: Any, status: int = 200) -> Response:
    return Response(to_json(content), status, media_type="application/json")
