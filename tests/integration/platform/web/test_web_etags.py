"""A change names the version it was made against."""

from __future__ import annotations

import pytest

from tests.conftest import Api

NOTES = "/roster/v1/notes"


async def written(api: Api) -> str:
    response = await api.as_("manager").post(NOTES, json={"text": "a"})
    assert response.headers["etag"] == '"1"'
    return f"{NOTES}/{response.json()['note_id']}"


async def test_a_change_against_the_current_version_is_made(api: Api) -> None:
    path = await written(api)
    response = await api.as_("manager").patch(path, json={"text": "b"}, headers={"If-Match": '"1"'})
    assert (response.status_code, response.headers["etag"]) == (200, '"2"')


async def test_a_change_against_an_older_version_is_stale_and_told_the_current_one(api: Api) -> None:
    path = await written(api)
    for text, status in (("b", 200), ("c", 412)):
        response = await api.as_("manager").patch(path, json={"text": text}, headers={"If-Match": '"1"'})
        assert response.status_code == status
    assert response.json()["code"] == "stale-version"
    assert "2" in response.json()["detail"]


async def test_a_change_without_if_match_is_refused(api: Api) -> None:
    response = await api.as_("manager").patch(await written(api), json={"text": "b"})
    assert (response.status_code, response.json()["code"]) == (428, "if-match-required")


@pytest.mark.parametrize("tag", ["*", '"x"', "1, 2", '"9999999999999999999"', "²"])
async def test_a_tag_that_is_not_ours_is_refused(api: Api, tag: str) -> None:
    path = await written(api)
    response = await api.as_("manager").patch(path, json={"text": "b"}, headers={"If-Match": tag.encode()})
    assert (response.status_code, response.json()["code"]) == (412, "if-match-invalid")
