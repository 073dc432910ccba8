"""The cases service: what customers brought, and whether it is really over.

Owns: customers and their identities, topics, contacts (and every version a contact had).
Publishes: cases.contact.recorded (new or corrected contacts, up to 500 together).
Consumes: roster.team.changed, roster.agent.joined / changed / left, to name agents and teams as they were at the time.

Ways in: `api/` (HTTP), `consumers.py` (events). What is allowed stands in `domain/`.
"""
