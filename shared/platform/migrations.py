"""Alembic, one chain per service, its version table in the service's own schema."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

SERVICES = Path(__file__).parents[2] / "services"


def config_of(service: str) -> Config:
    """Alembic's configuration for a service."""
    config = Config()
    config.set_main_option("script_location", str(SERVICES / service / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["service"] = service
    return config


def head_of(service: str) -> str | None:
    """The newest migration that the code knows."""
    return ScriptDirectory.from_config(config_of(service)).get_current_head()


def upgrade(conn: Connection, service: str) -> None:
    """Bring the service's schema up to date, in the caller's transaction. Doing it twice changes nothing."""
    config = config_of(service)
    config.attributes["connection"] = conn
    command.upgrade(config, "head")


def revise(conn: Connection, service: str, message: str) -> None:
    """Write a new migration from the difference between the tables in code and the schema."""
    config = config_of(service)
    config.attributes["connection"] = conn
    conn.exec_driver_sql("SET search_path = public")  # a default schema would be compared as if it had no name
    conn.dialect.default_schema_name = "public"
    command.revision(config, message, autogenerate=True, rev_id=f"{int(head_of(service) or 0) + 1:04}")


def current(conn: Connection, service: str) -> str | None:
    """The migration that the schema is at."""
    return MigrationContext.configure(conn, opts={"version_table_schema": service}).get_current_revision()


def run_from_env(context: Any) -> None:
    """What every service's migrations/env.py does."""
    service = context.config.attributes["service"]
    tables = importlib.import_module(f"services.{service}.tables")
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=tables.metadata,
        version_table_schema=service,
        include_schemas=True,
        include_name=lambda name, type_, _: name == service if type_ == "schema" else True,
        include_object=lambda _, name, type_, *__: not (type_ == "table" and str(name).startswith("outbox_")),
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()
