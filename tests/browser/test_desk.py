"""A moderator's morning in a real browser: by keyboard, with a colleague for the appeal and the grave decision."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import Status, User
from moderation import registry, services
from moderation.models import Appeal, Case, Decision
from moderation.services import appeals, redress
from takedowns import conduct
from tests import factories
from tests.accounts.factories import make_user
from tests.browser.conftest import complaints_of
from tests.browser.test_journey import sign_in, well_made
from velluto import jobs
from voices.models import Voice

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True, databases=["default", "keys"]),
]

Office = Callable[..., Page]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture
def office(live_server, new_context: Callable[..., BrowserContext]) -> Office:
    """Return a function that seats somebody at the queue; what pages complained of is looked at at the end."""

    def seat(person: User, viewport: dict[str, int] = WIDE) -> Page:
        page = new_context(viewport=viewport).new_page()
        page.complaints = complaints_of(page)
        sign_in(page, live_server.url, person.email)
        page.goto(f"{live_server.url}/admin/moderation/case/")
        return page

    return seat


def case_in_the_queue(*, due_in: float) -> Case:
    case = Case.objects.about(factories.voice_at("review")).get()
    Case.objects.filter(pk=case.pk).update(due_at=timezone.now() + timedelta(hours=due_in))
    return case


def is_decided(case: Case, choice: str) -> bool:
    return Decision.objects.filter(case=case, choice=choice, status=Decision.Status.MADE).exists()


@pytest.mark.parametrize("viewport", [WIDE, NARROW], ids=["1280", "390"])
def test_a_moderators_morning_by_keyboard(office: Office, viewport: dict[str, int]):
    urgent, abuser = case_in_the_queue(due_in=-3), make_user()
    later = conduct.question(abuser, title="Voices of other people", reason="for the test")
    alice, bob = (factories.moderator(role="senior moderator") for _ in range(2))
    page = office(alice, viewport)
    well_made(page)
    expect(page.get_by_text("overdue by 3 hours")).to_be_visible()

    # The help is a key away; keys move through the list.
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_contain_text("take the next case")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("#result_list tr.at")).to_contain_text(str(later.pk)[:8])
    page.keyboard.press("k")
    expect(page.locator("#result_list tr.at")).to_contain_text(str(urgent.pk)[:8])
    page.keyboard.press("o")
    expect(page.get_by_role("button", name="Claim this case")).to_be_visible()
    page.go_back()

    # The next case: listen, look, choose, preview, decide.
    page.keyboard.press("n")
    expect(page.get_by_text("You hold this case until")).to_be_visible()
    assert str(urgent.pk) in page.url
    well_made(page)
    first = page.locator("audio").first
    page.keyboard.press("Space")
    first.evaluate("player => new Promise(done => player.currentTime ? done() : player.ontimeupdate = () => done())")
    page.keyboard.press("Space")
    assert first.evaluate("player => player.paused")
    for picture in page.locator(".case-pictures img").all():
        picture.scroll_into_view_if_needed()
        picture.evaluate("image => image.decode()")
    page.keyboard.press("5")
    expect(page.get_by_label("Reject")).to_be_checked()
    expect(page.locator('#id_section option[value="9"]')).to_be_disabled()
    page.get_by_label("Policy section").select_option("2")
    page.get_by_label("Reason").click()
    page.keyboard.type("1 or 2 people? no: joint pauses.")  # full of the desk's keys, and typed
    expect(page.get_by_label("Reject")).to_be_checked()
    page.locator("h1").click()
    page.keyboard.press("p")
    expect(page.locator("[data-part=preview]")).to_contain_text("The voice is refused for good.")
    expect(page.locator("[data-part=preview]")).to_contain_text("1 or 2 people? no: joint pauses.")
    well_made(page)
    assert not is_decided(urgent, "reject")
    page.get_by_label("Notes for colleagues").fill("Listen to second 14.")
    expect(page.get_by_text("preview it again")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Decided. The person is told")).to_be_visible()
    assert is_decided(urgent, "reject")

    # A grave decision: proposed by one, made by another.
    page.keyboard.press("n")
    expect(page.get_by_text("You hold this case until")).to_be_visible()
    page.keyboard.press("5")
    expect(page.get_by_label("Terminate", exact=False).first).to_be_checked()
    page.get_by_label("Policy section").select_option("9")
    page.get_by_label("Reason").fill("Three voices of three people who never agreed.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Nothing happens until a second person approves it.")).to_be_visible()
    jobs.drain()
    assert User.objects.get(pk=abuser.pk).status == Status.ACTIVE
    second = office(bob, viewport)
    second.get_by_role("link", name="Waiting for a second person").click()
    second.locator("#result_list th a").click()
    expect(second.get_by_text("Three voices of three people").first).to_be_visible()
    expect(second.get_by_text("The account is closed for good").first).to_be_visible()
    well_made(second)
    second.get_by_role("button", name="Approve and carry out").click()
    expect(second.get_by_text("Decided. The person is told")).to_be_visible()
    for name in (alice.get_short_name(), bob.get_short_name()):
        expect(second.locator("strong", has_text=name).first).to_be_visible()
    jobs.drain()
    assert User.objects.get(pk=abuser.pk).status == Status.TERMINATED

    # The first decision is questioned; who made it is not offered the appeal, a colleague answers it.
    token = redress.link(urgent, Appeal.Side.AFFECTED).rstrip("/").rpartition("/")[2]
    appeals.file(token, words="My radio was on.")
    page.goto(second.url.split("/admin/")[0] + "/admin/moderation/case/")
    page.keyboard.press("n")
    expect(page.get_by_text("No case waits for you.")).to_be_visible()
    second.keyboard.press("n")
    expect(second.get_by_text("My radio was on.")).to_be_visible()
    second.keyboard.press("2")
    second.get_by_label("Policy section").select_option("2")
    second.get_by_label("Reason").fill("The second voice was a radio.")
    second.keyboard.press("Control+Enter")
    expect(second.get_by_text("Decided. The person is told")).to_be_visible()
    assert Voice.objects.get(pk=urgent.subject_id).status == Voice.Status.REVIEW
    assert page.complaints == second.complaints == []


def test_the_page_keeps_the_claim_while_somebody_works_and_says_when_it_is_lost(office: Office):
    case = case_in_the_queue(due_in=1)
    alice, bob = factories.moderator(), factories.moderator()
    page = office(alice)
    page.clock.install()
    with page.expect_response("**/keep/"):  # whoever opens the page is at work
        page.get_by_role("button", name="Next case").click()
    expect(page.get_by_text("You hold this case until")).to_be_visible()
    page.get_by_label("Reason").fill("Half a thought")
    Case.objects.filter(pk=case.pk).update(claim_ends_at=timezone.now() + timedelta(seconds=5))
    with page.expect_response("**/keep/") as kept:
        page.clock.run_for(61_000)
    assert kept.value.status == 200
    case.refresh_from_db()
    assert case.claim_ends_at and case.claim_ends_at > timezone.now() + timedelta(minutes=9)

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.clock.run_for(200_000)  # nobody touches anything
    asked.clear()
    page.clock.run_for(120_000)
    assert asked == []

    services.hand_over(case, to=bob, actor=alice, reason="I must go.")
    page.mouse.move(5, 5)
    page.clock.run_for(61_000)
    expect(page.get_by_text("You do not hold this case (any more).")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("Half a thought")


def test_a_sensitive_case_is_blurred_and_silent_until_asked(office: Office, monkeypatch):
    question = registry.question("consent.voice")
    monkeypatch.setitem(registry._questions, question.kind, dataclasses.replace(question, sensitive=True))
    case_in_the_queue(due_in=1)
    page = office(factories.moderator())
    page.keyboard.press("n")
    player, text = page.locator("audio").first, page.locator(".case-dossier blockquote").first
    blurred = "element => getComputedStyle(element).filter"
    assert text.evaluate(blurred) != "none"
    expect(text).to_have_attribute("aria-hidden", "true")
    page.keyboard.press("Space")
    player.evaluate("player => { player.muted = false; player.play(); }")
    expect(player).to_have_js_property("muted", True)
    page.get_by_role("button", name="Show the text").click()
    assert text.evaluate(blurred) == "none" and text.get_attribute("aria-hidden") is None
    expect(player).to_have_js_property("muted", True)
    page.get_by_role("button", name="Turn the sound on").click()
    expect(player).to_have_js_property("muted", False)
    page.reload()
    assert text.evaluate(blurred) != "none"
