"""The roster service: who works when, who knows it, who did.

Owns: teams, agents, shift codes, rosters with their draft and numbered versions, shift changes, planned and
accountable shifts, leave, swaps, open shifts, the duty rota, punches, agent states, attendance, adherence, calendars.
Publishes: `roster.team.*`, `roster.agent.*`, `roster.roster.*`, `roster.shift_change.*`, `roster.leave.*`,
`roster.swap.*`, `roster.open_shift.*`, `roster.duty.*`, `roster.attendance.*`, `roster.correction.*`,
`roster.adherence.*`.
Consumes: notify's acknowledgements (an answer given elsewhere), message deliveries and escalations (evidence of
notice), and verified contacts (who can be told at all).
Timers: a shift change expires at its `confirm_by`; the shifts of a team that end together are settled together; duty is
handed over; swaps and open shifts lapse when their shift begins; whoever is to decide (leave, corrections, swaps, what
was refused or not answered) is reminded until they do.
"""
