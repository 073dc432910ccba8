"""HTTP routes of kpi."""

from __future__ import annotations

from fastapi import APIRouter

ROUTERS: list[APIRouter] = []
