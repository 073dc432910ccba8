"""HTTP routes of kpi, by what they are about."""

from services.kpi.api import metrics, upkeep

ROUTERS = [metrics.router, upkeep.router]
