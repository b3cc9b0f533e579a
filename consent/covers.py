"""What the consent of somebody else's voice covers beyond the account it was made for."""

from __future__ import annotations

from consent.models import ConsentRecord
from voices import scope
from voices.models import Voice


@scope.answers
def granted(voice: Voice) -> frozenset[str]:
    """Return what the Voice Owner granted in the consent that is in force."""
    records = ConsentRecord.objects.filter(voice=voice, status=ConsentRecord.Status.IN_FORCE)
    record = records.select_related("owner_consent").first()
    sharing = record is not None and record.owner_consent is not None and record.owner_consent.scope.sharing
    return frozenset({"sharing"} if sharing else ())
