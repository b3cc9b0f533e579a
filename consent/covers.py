"""What the consent of somebody else's voice covers beyond the account it was made for."""

from __future__ import annotations

from consent.models import ConsentRecord, Invitation
from voices import scope
from voices.models import Voice


@scope.answers
def granted(voice: Voice) -> frozenset[str]:
    """Return what the Voice Owner granted in the consent that is in force."""
    if not ConsentRecord.objects.filter(voice=voice, status=ConsentRecord.Status.IN_FORCE).exists():
        return frozenset()
    invitation = Invitation.objects.filter(voice=voice).first()
    scope = invitation.granted if invitation else None
    return frozenset({"sharing"} if scope and scope.sharing else ())
