"""HTTP routes of kpi, by what they are about."""

from services.kpi.api import alerts, dashboards, metrics, periods, scores, targets, upkeep

ROUTERS = [
    metrics.router,
    periods.router,
    upkeep.router,
    targets.router,
    scores.router,
    alerts.router,
    dashboards.router,
]
