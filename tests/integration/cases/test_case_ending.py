"""A case ends when the customer has been told and did not say no."""

from __future__ import annotations

from shared.contracts.cases import (
    CaseAssigned,
    CaseClosed,
    CaseReopened,
    CaseResolved,
    CustomerInformed,
    NoticeRequested,
    SurveyAnswered,
    SurveyRequested,
)
from tests.integration.cases.office import Office

PHONED = {"channel": "phone", "text": "已经补发"}


async def test_a_case_closes_when_the_customer_was_told_and_confirms(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    assert (await office.try_to(case, "close", confirmed=True)).json()["code"] == "case-not-resolved"
    await office.wait(hours=2)
    resolved = await office.act(case, "resolve", resolution="补发")
    assert (resolved["state"], resolved["resolved_by"]) == ("resolved", "A001")
    assert (await office.try_to(case, "close", confirmed=True)).json()["code"] == "customer-not-told"
    await office.act(case, "customer-notices", **PHONED)
    closed = await office.act(case, "close", confirmed=True)
    assert (closed["state"], closed["closed_how"]) == ("closed", "confirmed")
    [told], [done], [over] = [await office.events(kind) for kind in (CustomerInformed, CaseResolved, CaseClosed)]
    assert (told.told_on, told.informed_by) == ("phone", "A001")
    assert (done.resolution_seconds, done.working_seconds) == (7200, 7200)
    assert (over.how, over.informed_at, over.reopen_count) == ("confirmed", told.informed_at, 0)


async def test_what_was_told_before_the_end_counts(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    await office.act(case, "customer-notices", **PHONED)
    await office.act(case, "resolve")
    assert (await office.act(case, "close", confirmed=True))["state"] == "closed"


async def test_silence_for_three_working_days_closes(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    await office.act(case, "resolve")
    told = await office.act(case, "customer-notices", **PHONED)
    early = await office.try_to(case, "close")
    assert (early.status_code, early.json()["code"]) == (409, "customer-may-answer")
    assert early.json()["silence_until"] is not None
    assert told["silence_until"].startswith("2026-03-04T10:00")
    await office.wait(days=2, hours=8)
    assert (await office.see(case))["state"] == "resolved"
    await office.wait(days=1)
    closed = await office.see(case)
    assert (closed["state"], closed["closed_how"]) == ("closed", "silence")


async def test_a_no_reopens_and_the_second_one_goes_to_the_lead(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    for count in (1, 2):
        await office.act(case, "resolve", office.lead)
        await office.act(case, "customer-notices", office.lead, **PHONED)
        again = await office.act(case, "close", office.lead, confirmed=False, note="还是没到")
        assert (again["state"], again["reopen_count"], again["informed_at"]) == ("in_progress", count, None)
        assert again["owner"] == ("A001" if count == 1 else "LA")
    events = await office.events(CaseReopened)
    assert [(event.reopen_count, event.previous_owner, event.owner) for event in events] == [
        (1, "A001", "A001"),
        (2, "A001", "LA"),
    ]
    assert await office.events(CaseAssigned) == []
    await office.wait(days=10)
    assert (await office.see(case))["state"] == "in_progress"


async def test_a_closed_case_refuses_everything_but_reopening(office: Office) -> None:
    case = await office.open()
    await office.act(case, "resolve")
    await office.act(case, "close", confirmed=True)
    for verb, body in (
        ("take", {}),
        ("release", {}),
        ("resolve", {}),
        ("close", {"confirmed": True}),
        ("customer-notices", PHONED),
        ("transfer", {"to": "A002", "reason_code": "skill"}),
        ("wait", {"for": "team"}),
    ):
        answer = await office.try_to(case, verb, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "case-closed"), verb
    assert (await office.act(case, "reopen", reason="又坏了"))["state"] == "in_progress"
    assert (await office.try_to(case, "reopen", reason="又坏了")).json()["code"] == "case-still-active"


async def test_the_same_matter_again_reopens_what_was_thought_settled(office: Office) -> None:
    await office.topic("delivery")
    customer = await office.customer()
    case = await office.open(topic="delivery", customer_id=customer)
    await office.act(case, "resolve")
    await office.wait(days=1)
    again = await office.open(office.person("B001"), topic="delivery", customer_id=customer)
    assert (again["case_id"], again["state"], again["reopen_count"]) == (case["case_id"], "in_progress", 1)


async def test_a_resolved_case_has_one_survey_whose_last_answer_counts(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    await office.act(case, "resolve")
    [asked], [notice] = await office.events(SurveyRequested), await office.events(NoticeRequested)
    assert (asked.invited, notice.matter_type, notice.matter_id) == (True, "cases.survey", asked.survey_id)
    [link] = [field.value for field in notice.fields if field.name == "link"]
    stranger = office.api.client()
    page = (await stranger.get(link)).json()
    assert (page["number"], page["open"], page["answered_at"]) == (case["number"], True, None)
    assert (await stranger.post(link, json={"declined": True})).json()["declined"] is True
    assert (await stranger.post(link, json={"rating": 5, "solved": True})).json()["rating"] == 5
    assert [(one.rating, one.declined) for one in await office.events(SurveyAnswered)] == [(None, True), (5, False)]
    counts = (await office.lead.get("/cases/v1/surveys")).json()
    assert counts == {
        "requested": 1,
        "invited": 1,
        "answered": 1,
        "declined": 0,
        "silent": 0,
        "average_rating": 5.0,
    }
    await office.act(case, "reopen", reason="没好")
    await office.act(case, "resolve")
    assert len(await office.events(SurveyRequested)) == 1
    await office.wait(hours=25)
    late = await stranger.post(link, json={"rating": 1})
    assert (late.status_code, late.json()["code"]) == (410, "survey-expired")


async def test_a_survey_link_that_we_did_not_sign_is_not_found(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    await office.act(case, "resolve")
    [notice] = await office.events(NoticeRequested)
    [link] = [field.value for field in notice.fields if field.name == "link"]
    stranger = office.api.client()
    forged = link[:-1] + ("A" if link[-1] != "A" else "E")
    for wrong in (forged, link + "A", "/cases/v1/surveys/x", "/cases/v1/surveys/%20%F0%9F%98%80"):
        for answer in (await stranger.get(wrong), await stranger.post(wrong, json={"rating": 1})):
            assert (answer.status_code, answer.json()["code"]) == (404, "survey-unknown")
    assert (await stranger.post(link, json={})).json()["code"] == "survey-empty"
    assert (await stranger.post(link, json={"rating": 6})).status_code == 422


async def test_whoever_does_not_want_to_be_contacted_is_not_invited(office: Office) -> None:
    case = await office.open()
    await office.act(case, "resolve")
    assert [event.invited for event in await office.events(SurveyRequested)] == [False]
    assert await office.events(NoticeRequested) == []


async def test_a_case_without_a_customer_closes_by_itself_too(office: Office) -> None:
    case = await office.open()
    assert (await office.act(case, "resolve"))["silence_until"] is not None
    await office.wait(days=4)
    assert (await office.see(case))["closed_how"] == "silence"


async def test_a_case_of_which_the_customer_was_not_told_stays_open_however_long_it_takes(office: Office) -> None:
    case = await office.open(customer_id=await office.customer())
    await office.act(case, "resolve")
    await office.wait(days=30)
    assert (await office.see(case))["state"] == "resolved"
