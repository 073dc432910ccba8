"""HTTP routes of notify."""

from __future__ import annotations

from fastapi import APIRouter

ROUTERS: list[APIRouter] = []
