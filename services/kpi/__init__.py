"""kpi keeps numbers that open: which number moved, and the facts behind it.

Owns: facts (one per contact, shift change, settled shift), their rollups, the catalogue of metrics.
Publishes: nothing yet.
Consumes: roster's shift changes, settled attendance and teams, cases' recorded contacts.

Events become facts; a newer version of a fact takes its old contribution out of the rollups and puts the new one in,
so reopenings, corrections, late and repeated events need no special case. `domain/sources.py` says which event makes
which fact, `domain/catalogue.py` which metric is which fraction of what the facts measure.
"""
