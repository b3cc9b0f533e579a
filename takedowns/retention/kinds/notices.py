"""What people gave who say that a voice is theirs: notices, requests of Voice Owners, requests to be listed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts import sanctions
from takedowns.models import Claim, Notice
from takedowns.notices import services as notices
from takedowns.retention.policies import Facts, Rule, years_before
from takedowns.retention.registry import Kind

NOTICES = Rule("it was settled", years=3)


def _notice(pk: UUID, at: datetime) -> Facts | None:
    notice = Notice.objects.filter(pk=pk).exclude(sealed=b"").first()
    if notice is None:
        return None
    against = Claim.objects.filter(notice=notice).values("voice__account")
    held = sanctions.on_hold(at=at)
    on_hold = held.filter(account__in=against).exists() or held.filter(account=notice.account_id).exists()
    return Facts(ended_at=notice.settled_at, on_hold=on_hold, account=notice.account_id)


KINDS = (
    Kind(
        "notices",
        "Takedown notices: who gave them, what they wrote, what came with them, and what was said to it",
        "To verify them, and to answer for what was done.",
        NOTICES,
        due=lambda at: (
            Notice.objects.filter(settled_at__lte=years_before(at, NOTICES.years))
            .exclude(sealed=b"")
            .values_list("pk", flat=True)
        ),
        facts=_notice,
        destroy=lambda pk, at: notices.forget(Notice.objects.get(pk=pk)),
        of=lambda account: account.notices.exclude(sealed=b"").count(),
        tables="takedowns.Notice takedowns.NoticeFile takedowns.NoticeQuestion takedowns.CounterNotice",
    ),
    Kind(
        "owners",
        "Requests of Voice Owners without an account: who asked, and what they read aloud",
        "To see that it is their voice, and to do what they ask for.",
        Rule("what they asked for is done, or nothing more can come of it"),
        by="Destroyed within days of that, with the key; a refusal waits until it can no longer be appealed against",
        tables="takedowns.OwnerRequest takedowns.OwnerMatch takedowns.OwnerPhrase takedowns.OwnerRecording "
        "takedowns.PortalLink",
    ),
    Kind(
        "listings",
        "Requests to be put on the list of voices that may not be cloned",
        "To see that it is their voice.",
        Rule("it was answered"),
        by="The recordings go with their check, all else with the answer",
        tables="takedowns.ListingRequest moderation.NoGoRecording",
    ),
)
