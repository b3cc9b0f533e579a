"""Addresses of sound that stop working: signed for one account, good for ten minutes.

Whoever finds one in a browser's history or a proxy's log hears nothing with it afterwards, not even in the session that
it was made for. The page that shows the sound makes new ones each time it is loaded.
"""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from django.utils.http import urlencode

from velluto.errors import Refusal

LASTS = timedelta(minutes=10)


class LinkExpired(Refusal):
    code = "link_expired"
    status = 403
    message = "This link to a sound or picture no longer works."
    next_step = "Go back to the page that it stands on and load it again: its links work for ten minutes."


def to(path: str, *, account: object) -> str:
    """Return the address of a sound for one account."""
    return f"{path}?{urlencode({'link': _signer(path, account).sign('sound')})}"


def require(request: HttpRequest) -> None:
    """Raise LinkExpired unless the address was made for this account, for this very path, and lately."""
    try:
        _signer(request.path, request.user.pk).unsign(request.GET.get("link", ""), max_age=LASTS)
    except BadSignature as error:
        raise LinkExpired from error


def _signer(path: str, account: object) -> TimestampSigner:
    return TimestampSigner(salt=f"velluto.links:{account}:{path}")
