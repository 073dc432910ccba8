"""A small centre for every test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shared.platform.work import Database
from tests.conftest import Api
from tests.integration.roster.centre import Centre, open_centre


@pytest.fixture
def roster_database(open_database: Callable[[str], Database]) -> Database:
    return open_database("roster")


@pytest.fixture
async def centre(open_api: Callable[..., Api], roster_database: Database) -> Centre:
    return await open_centre(open_api("roster", roster_database), roster_database, "A001", "A002", "A003")
