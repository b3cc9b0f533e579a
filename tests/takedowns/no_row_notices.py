"""How the services of takedown notices are recorded."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from moderation import services as moderation
from moderation.models import Decision
from takedowns.models import Claim, Notice
from takedowns.notices import services
from tests import factories
from tests.moderation.reported import speaking_voice
from tests.takedowns.notified import about, case_of, credible, decide, give
from voices.models import Voice

Action = Callable[[], object]
PDF = b"%PDF-1.7\n%%EOF\n"


def of_decision(do: Callable[[Claim, Decision], object]) -> Callable[[], Action]:
    """Prepare a claim and a decision about it that was not carried out yet."""

    def prepare() -> Action:
        claim = credible(speaking_voice())
        decision = Decision(
            case=case_of(claim),
            choice="x",
            section_id="7",
            reason="So.",
            decided_by=factories.moderator(),
            decided_at=timezone.now(),
        )
        decision.save()
        return lambda: do(claim, decision)

    return prepare


def of_claim(do: Callable[[Claim], object], **more: object) -> Callable[[], Action]:
    def prepare() -> Action:
        claim = credible(speaking_voice(), **more)
        return lambda: do(claim)

    return prepare


def of_notice(do: Callable[[Notice], object]) -> Callable[[], Action]:
    def prepare() -> Action:
        notice = give()
        return lambda: do(notice)

    return prepare


def take() -> Action:
    voice, key = speaking_voice(), uuid4()
    return lambda: about(voice, key=key)


def keep_file() -> Action:
    return lambda: services.keep_file(
        uuid4(), kind="proof", content=io.BytesIO(PDF), address="192.0.2.5", at=timezone.now()
    )


def forget_files() -> Action:
    keep_file()()
    return lambda: services.forget_files(at=timezone.now() + timedelta(days=2))


def confirm() -> Action:
    notice = about(speaking_voice())
    return lambda: services.confirm(notice)


def hold() -> Action:
    claim = about(speaking_voice()).claims.get()
    moderator = factories.moderator()
    return lambda: services.hold(claim, actor=moderator)


def keep_held() -> Action:
    claim = credible(speaking_voice())
    Voice.objects.filter(pk=claim.voice_id).update(status=Voice.Status.ACTIVE)
    return lambda: services.keep_held()


def take_up() -> Action:
    voice = speaking_voice()
    claim = give(name=voice.owner.name, signature=voice.owner.name).claims.get()
    moderator = factories.moderator()
    return lambda: services.take_up(claim, actor=moderator)


def name_voice() -> Action:
    voice, notice, moderator = speaking_voice(), give(), factories.moderator()
    return lambda: services.name_voice(notice, voice.pk, actor=moderator)


def acknowledge() -> Action:
    notice, moderator = give(), factories.moderator()
    return lambda: services.acknowledge(notice, actor=moderator)


def ask() -> Action:
    notice, moderator = give(), factories.moderator()
    return lambda: services.ask(notice, claim=None, question="Why?", actor=moderator)


def asked() -> Notice:
    notice = give()
    services.ask(notice, claim=None, question="Why?", actor=factories.moderator())
    return notice


def answer() -> Action:
    notice = asked()
    return lambda: services.answer(notice, text="So.")


def go_on_without() -> Action:
    asked()
    return lambda: services.go_on_without(at=timezone.now() + timedelta(days=9))


def counter() -> Action:
    claim = credible(speaking_voice())
    return lambda: services.counter(claim, text="He said yes.", actor=claim.voice.account)


def none_found() -> Action:
    notice = give()
    decision = Decision(
        case=case_of(notice),
        choice="none_found",
        section_id="7",
        reason="So.",
        decided_by=factories.moderator(),
        decided_at=timezone.now(),
    )
    decision.save()
    return lambda: services.none_found(notice, decision=decision)


def bar() -> Action:
    for _ in range(2):
        decide(credible(speaking_voice()), "reject")
    return of_decision(lambda claim, decision: services.bar(claim.notice, decision=decision))()


def lift_bar() -> Action:
    bar()()
    decision = Decision.objects.latest("decided_at")
    return lambda: services.lift_bar(decision.pk, actor=decision.decided_by)


def decided(choice: str, undo: Callable[[Claim, Decision], object]) -> Callable[[], Action]:
    """Prepare a claim that was decided, and the decision that an appeal would make."""

    def prepare() -> Action:
        claim = credible(speaking_voice())
        first = decide(claim, choice)
        by = Decision(
            case=first.case,
            choice="overturn",
            section_id="7",
            reason="So.",
            decided_by=factories.moderator(),
            decided_at=timezone.now(),
        )
        return lambda: undo(claim, by)

    return prepare


def made() -> Action:
    def do(claim: Claim, decision: Decision) -> object:
        return services.made(claim.notice, claim.voice.account, decision=decision)

    return of_decision(do)()


def look() -> Action:
    file = keep_file()()
    notice = give(key=file.notice_id)
    moderator = factories.moderator()
    assert notice
    return lambda: services.looked_at(file, actor=moderator)


def redate() -> Action:
    case = case_of(give())
    return lambda: moderation.redate(case, due_at=timezone.now(), actor=None, reason="So.")


_HERE = "takedowns.notices.services."
ACTIONS = {
    f"{_HERE}{name}": prepare
    for name, prepare in {
        "take": take,
        "keep_file": keep_file,
        "forget_files": forget_files,
        "confirm": confirm,
        "examined": of_notice(lambda notice: services.examined(notice, voiceprint=None, unusable=False, alike={})),
        "hold": hold,
        "keep_held": keep_held,
        "take_up": take_up,
        "name_voice": name_voice,
        "acknowledge": acknowledge,
        "ask": ask,
        "answer": answer,
        "go_on_without": go_on_without,
        "counter": counter,
        "uphold": of_decision(lambda claim, decision: services.uphold(claim, decision=decision, listing=True)),
        "reject": of_decision(lambda claim, decision: services.reject(claim, decision=decision)),
        "none_found": none_found,
        "bar": bar,
        "lift_bar": lift_bar,
        "withdraw": of_claim(lambda claim: services.withdraw(claim.notice)),
        "reverse": decided("uphold", lambda claim, by: services.reverse(claim, by=by)),
        "reopen": decided("reject", lambda claim, by: services.reopen(by.case, claim.notice, claim, by=by)),
        "draft": of_notice(lambda notice: services.draft(notice, account=None)),
        "made": made,
        "drop": of_claim(lambda claim: services.drop(claim.notice, actor=None, reason="So."), harm="fraud"),
        "looked_at": look,
        "forget": of_notice(services.forget),
    }.items()
}
ACTIONS["moderation.services.redate"] = redate
PARTS: dict[str, str] = {}
READS = {f"{_HERE}{name}" for name in ("details_of", "file_bytes", "next_due", "unsealed", "voiceprint_of")}
