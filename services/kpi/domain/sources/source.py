"""What a source of facts is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.kpi.domain.fact import Fact
from services.kpi.domain.kinds import Kind
from shared.contracts.event import Envelope

Source = Callable[[Any, Envelope], list[Fact]]
"""An event and its envelope → the facts that it makes, all of one kind."""

Sources = tuple[tuple[Kind, Source], ...]
