"""The table of surveys."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, SmallInteger, Table, Text, Uuid

from services.cases.tables.cases import cases
from services.cases.tables.schema import metadata
from shared.platform.kernel import Moment

surveys = Table(
    "surveys",
    metadata,
    Column("survey_id", Uuid, primary_key=True),
    Column("case_id", ForeignKey(cases.c.case_id), nullable=False, unique=True),
    Column("version", Integer, nullable=False),
    Column("invited", Boolean, nullable=False),
    Column("secret", LargeBinary, nullable=False, comment="signs the survey's link"),
    Column("requested_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("declined", Boolean),
    Column("rating", SmallInteger),
    Column("recommend", SmallInteger),
    Column("solved", Boolean),
    Column("comment", Text),
    comment="One survey for each resolved case; its last answer counts.",
)
Index("surveys_by_request", surveys.c.requested_at, surveys.c.survey_id)
