"""Alembic's entry; the work is in shared.platform.migrations."""

from alembic import context

from shared.platform.migrations import run_from_env

run_from_env(context)
