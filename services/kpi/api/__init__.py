"""HTTP routes of kpi, by what they are about."""

from services.kpi.api import metrics, periods, upkeep

ROUTERS = [metrics.router, periods.router, upkeep.router]
