"""notify: who was reached, who answered, who stayed silent.

Owns        recipients (a read model of roster's people and teams), their contact methods, acknowledgements with their
            ladders, messages, the answer link and its page.
Publishes   notify.contact.verified|removed, notify.acknowledgement.opened|given|refused|lapsed|withdrawn,
            notify.escalation.raised, notify.message.delivered|failed
Consumes    roster's teams, agents and shift changes
Decides     nothing about the matter itself: it asks, reminds, escalates and reports answers; whoever owns the matter
            says what an answer means.
"""
