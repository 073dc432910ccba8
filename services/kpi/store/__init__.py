"""What is written: the ledger, and what is kept beside it."""
