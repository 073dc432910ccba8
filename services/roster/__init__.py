"""The roster service: who works when, who knows it, who did.

Owns: teams, agents, shift codes, rosters with their draft and numbered versions, shift changes, planned and
accountable shifts, punches, attendance.
Publishes: `roster.team.*`, `roster.agent.*`, `roster.roster.published`, `roster.shift_change.*`, `roster.attendance.*`.
Consumes: notify's acknowledgements (an answer given elsewhere) and message deliveries (evidence of notice).
Timers: a shift change expires at its `confirm_by`; the shifts of a team that end together are settled together.
"""
