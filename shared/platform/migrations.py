"""Alembic, one chain per service, its version table in the service's own schema."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData

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
    _name_the_schema(conn)
    command.revision(config, message, autogenerate=True, rev_id=f"{int(head_of(service) or 0) + 1:04}")


def current(conn: Connection, service: str) -> str | None:
    """The migration that the schema is at."""
    return MigrationContext.configure(conn, opts={"version_table_schema": service}).get_current_revision()


def differences(conn: Connection, service: str) -> list[Any]:
    """What `revise` would write: nothing when the tables in code are those that the migrations make."""
    _name_the_schema(conn)
    context = MigrationContext.configure(conn, opts=_options(service))
    return list(compare_metadata(context, _metadata(service)))


def run_from_env(context: Any) -> None:
    """What every service's migrations/env.py does."""
    service = context.config.attributes["service"]
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=_metadata(service), **_options(service))
    with context.begin_transaction():
        context.run_migrations()


def _metadata(service: str) -> MetaData:
    metadata: MetaData = importlib.import_module(f"services.{service}.tables").metadata
    return metadata


def _options(service: str) -> dict[str, Any]:
    return {
        "version_table_schema": service,
        "include_schemas": True,
        "include_name": lambda name, type_, _: name == service if type_ == "schema" else True,
        "include_object": lambda _, name, type_, *__: not (type_ == "table" and str(name).startswith("outbox_")),
        "compare_type": True,
    }


def _name_the_schema(conn: Connection) -> None:
    """A role's own schema is its default one, and would be compared as if it had no name."""
    conn.exec_driver_sql("SET search_path = public")
    conn.dialect.default_schema_name = "public"
