"""`ringback dev`: all services in one process on one origin, with its own PostgreSQL and a clock that can be moved."""
