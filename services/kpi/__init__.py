"""kpi keeps numbers that open: which number moved, and the facts behind it.

Owns: facts, their rollups, the catalogue of metrics; targets, scorecards, rankings, alert rules, alerts, patterns.
Publishes: alerts raised and resolved, patterns found, scorecards and rankings published.
Consumes: roster's people, shift changes, attendance and adherence; cases' contacts, cases, SLA clocks, hand-offs,
promises, complaints and surveys.

Events become facts; a newer version of a fact takes its old contribution out of the rollups and puts the new one in,
so reopenings, corrections, late and repeated events need no special case. `domain/sources.py` says which event makes
which fact, `domain/catalogue.py` which metric is which fraction of what the facts measure.
"""
