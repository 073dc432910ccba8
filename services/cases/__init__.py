"""The cases service: what customers brought, and whether it is really over.

Owns: customers and their identities, topics, case types, contacts, cases with their timelines and SLA clocks,
hand-offs, progress requests, promises, complaints, bulletins, known problems, surges, surveys.
Publishes: cases.contact.recorded (up to 500 together), cases.case.*, .customer.informed, .sla.*, .handoff.*,
.progress.*, .promise.*, .complaint.*, .bulletin.*, .problem.*, .topic.*, .survey.*, .notice.requested.
Consumes: roster's teams, agents and duty, to name and find people; notify's answers and messages; its own contacts.

Ways in: `api/` (HTTP), `consumers.py` (events, timers). What is allowed stands in `domain/`. Every change of a case
passes `commands/keeping.py`; what must be settled before it closes stands in `commands/closing.py`.
"""
