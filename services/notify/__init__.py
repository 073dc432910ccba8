"""notify: who was reached, who answered, who stayed silent.

Owns        recipients (a read model of roster's people, teams and duty, and partners), their contact methods and
            preferences, policies and templates, acknowledgements with their ladders, messages, broadcasts, webhooks,
            the answer link and its page.
Publishes   notify.contact.verified|removed, notify.acknowledgement.opened|given|refused|lapsed|withdrawn,
            notify.escalation.raised, notify.message.delivered|failed, notify.broadcast.completed,
            notify.watchdog.alarmed
Consumes    roster's teams, agents, duty, leave, swaps and shift changes; cases' hand-offs, progress requests, promises,
            SLA, complaints, bulletins, problems, surges and notices; kpi's alerts, patterns, scorecards and rankings.
            Every other event passes by, for webhooks that are subscribed to it.
Decides     nothing about the matter itself: it asks, reminds, escalates and reports answers; whoever owns the matter
            says what an answer means.
"""
