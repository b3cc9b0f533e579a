"""Destroy what somebody gave with a notice, once nobody needs it any more: that there was one stays."""

from __future__ import annotations

from django.db import transaction

from takedowns.models import CounterNotice, Notice, NoticeFile, NoticeQuestion
from velluto import audit, vault

OVER = "the time to keep it is over"
GONE = {"sealed": b"", "print_sealed": b"", "notifier": "", "client": "", "person": "", "user_agent": ""}


@transaction.atomic
def forget(notice: Notice) -> None:
    """Destroy names, addresses, words, files and recordings of a settled notice, on both sides. Safe to repeat."""
    if Notice.objects.filter(pk=notice.pk).exclude(sealed=b"").update(**GONE, ip_address=None):
        CounterNotice.objects.filter(claim__notice=notice).update(sealed=b"")
        NoticeQuestion.objects.filter(notice=notice).update(sealed=b"", answer=b"")
        for file in NoticeFile.objects.filter(notice_id=notice.pk).exclude(object=""):
            vault.delete(file.object)
        NoticeFile.objects.filter(notice_id=notice.pk).delete()
        vault.destroy(notice.vault_owner, actor=None, reason=OVER)
        audit.record("takedowns.notice.forgotten", subject=notice, reason=OVER)
