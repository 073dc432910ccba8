"""Events of the roster service: who works when, who knows it, who did."""

from __future__ import annotations

from shared.contracts.roster.attendance import (
    AdherenceInterval,
    AdherenceMeasured,
    AttendanceCorrected,
    AttendanceFact,
    AttendanceSettled,
)
from shared.contracts.roster.duty import (
    DutyAssigned,
)
from shared.contracts.roster.exchange import (
    LeaveApproved,
    SwapCompleted,
    SwapSide,
)
from shared.contracts.roster.people import (
    AgentChanged,
    AgentFact,
    AgentJoined,
    AgentLeft,
    TeamChanged,
    TeamFact,
)
from shared.contracts.roster.rosters import (
    Cell,
    DayChange,
    RosterPublished,
    ShiftChangeAnnounced,
    ShiftChangeConfirmed,
    ShiftChangeExpired,
    ShiftChangeFact,
    ShiftChangeRefused,
    ShiftChangeResolved,
    ShiftChangeSuperseded,
    ShiftChangeWithdrawn,
)

__all__ = [
    "AdherenceInterval",
    "AdherenceMeasured",
    "AgentChanged",
    "AgentFact",
    "AgentJoined",
    "AgentLeft",
    "AttendanceCorrected",
    "AttendanceFact",
    "AttendanceSettled",
    "Cell",
    "DayChange",
    "DutyAssigned",
    "LeaveApproved",
    "RosterPublished",
    "ShiftChangeAnnounced",
    "ShiftChangeConfirmed",
    "ShiftChangeExpired",
    "ShiftChangeFact",
    "ShiftChangeRefused",
    "ShiftChangeResolved",
    "ShiftChangeSuperseded",
    "ShiftChangeWithdrawn",
    "SwapCompleted",
    "SwapSide",
    "TeamChanged",
    "TeamFact",
]
