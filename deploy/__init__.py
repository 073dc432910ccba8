"""The ways to run Ringback: the `ringback` command, one-process development, containers."""
