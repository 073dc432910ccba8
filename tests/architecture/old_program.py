"""What a running program of before would miss, or be refused, in a schema that has been migrated meanwhile."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg

COLUMNS = """
SELECT table_name, column_name, udt_name, is_nullable = 'NO' AS required,
       column_default IS NOT NULL OR is_identity = 'YES' OR is_generated = 'ALWAYS' AS filled
FROM information_schema.columns WHERE table_schema = $1::text AND table_name NOT LIKE 'outbox\\_%'
"""
RULES = """
SELECT relname, conname AS rule, pg_get_constraintdef(c.oid) AS definition
FROM pg_constraint c JOIN pg_class r ON r.oid = conrelid
WHERE r.relnamespace = $1::text::regnamespace AND contype <> 'n' AND relname NOT LIKE 'outbox\\_%'
UNION ALL
SELECT tablename, indexname, indexdef FROM pg_indexes
WHERE schemaname = $1::text AND indexdef LIKE 'CREATE UNIQUE%' AND tablename NOT LIKE 'outbox\\_%'
"""
THINGS = """
SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = $1::text
UNION SELECT 'function ' || proname || '(' || pg_get_function_identity_arguments(oid) || ')'
FROM pg_proc WHERE pronamespace = $1::text::regnamespace
UNION SELECT 'type ' || typname FROM pg_type WHERE typnamespace = $1::text::regnamespace AND typtype IN ('e', 'd', 'r')
"""


@dataclass(frozen=True)
class Column:
    """How a column is declared; `filled` when an insert may leave it out although it is required."""

    type: str
    required: bool
    filled: bool


@dataclass(frozen=True)
class Schema:
    """What a program can rely on in one schema."""

    columns: dict[tuple[str, str], Column]
    rules: frozenset[tuple[str, str]]
    """Table and definition of every key, check, exclusion and unique index."""
    things: frozenset[str]

    @property
    def tables(self) -> frozenset[str]:
        return frozenset(table for table, _ in self.columns)


async def schema_of(conn: asyncpg.Connection, name: str) -> Schema:
    """Look at a schema as it is now."""
    columns = {
        (row["table_name"], row["column_name"]): Column(row["udt_name"], row["required"], row["filled"])
        for row in await conn.fetch(COLUMNS, name)
    }
    rules = frozenset((row["relname"], row["definition"]) for row in await conn.fetch(RULES, name))
    return Schema(columns, rules, frozenset(row[0] for row in await conn.fetch(THINGS, name)))


def missed(before: Schema, after: Schema) -> list[str]:
    """What the old program's statements would stumble over: nothing when the migration only expands."""
    found = [f"{thing} is gone" for thing in before.things - after.things]
    for (table, column), was in before.columns.items():
        now = after.columns.get((table, column))
        if now is None:
            found.append(f"{table}.{column} is gone")
        elif now.type != was.type:
            found.append(f"{table}.{column} was {was.type} and is {now.type}")
        elif now.required and not was.required:
            found.append(f"{table}.{column} may no longer be null")
        elif now.required and was.filled and not now.filled:
            found.append(f"{table}.{column} has no default any more")
    for (table, column), now in after.columns.items():
        if table in before.tables and (table, column) not in before.columns and now.required and not now.filled:
            found.append(f"{table}.{column} is required, and no old statement gives it")
    found += [f"{table} has a new rule: {rule}" for table, rule in after.rules - before.rules if table in before.tables]
    keys = {(table, rule) for table, rule in before.rules - after.rules if "UNIQUE" in rule or "PRIMARY" in rule}
    found += [f"{table} lost what ON CONFLICT rests on: {rule}" for table, rule in keys if table in after.tables]
    return sorted(found)
