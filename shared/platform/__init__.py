"""Plumbing that knows no domain word: transactions, outbox, relay, inbox, broker, timers, clock, web, access."""
