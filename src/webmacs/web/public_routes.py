"""What anybody may ask: how the system is, and where the REST API is."""

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from webmacs import __version__
from webmacs.addresses import rest_api_url
from webmacs.health import Component
from webmacs.web.parts import TheParts

router = APIRouter(tags=["system"])


class HealthReport(BaseModel):
    """The system as a whole and each of its parts."""

    ok: bool = Field(description="Whether every part works.")
    version: str
    components: dict[str, Component]


class AppConfig(BaseModel):
    """What the page has to know before anybody is logged in."""

    api: str = Field(description="Address of the REST API (PostgREST).")


@router.get("/health", summary="Whether each part works", responses={503: {"model": HealthReport}})
async def health(response: Response, parts: TheParts) -> HealthReport:
    """200 if all parts work, else 503. Found out by using each part, at most every two seconds."""
    components = await parts.health.ask()
    ok = all(component.ok for component in components.values())
    response.status_code = 200 if ok else 503
    return HealthReport(ok=ok, version=__version__, components=components)


@router.get("/app-config.json", summary="Where the page finds the REST API")
async def app_config(parts: TheParts) -> AppConfig:
    """The address of PostgREST, as browsers reach it."""
    return AppConfig(api=rest_api_url(parts.config))
