"""Find the voices that a notice points at by what it names; by sound, a worker finds them (`voices.likeness`).

Nothing that is found is shown to the claimant: whoever guesses addresses or names learns nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from synthesis.models import Detection
from takedowns.notices import policies
from takedowns.notices.details import Details
from voices.models import Voice

Found = tuple[UUID, str]  # a voice, and how it was found
UUIDS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MOST_LINKS = 20


def named(details: Details, *, found: Iterable[str] = ()) -> list[Found]:
    """Return the voices that a notice points at, what points best first, each once.

    `found` are the outputs that the detector knew again in a recording that came with the notice.
    """
    best: dict[UUID, str] = {}
    for voice, how in (
        *of_outputs(found),
        *_linked(details.links + "\n" + details.description),
        *_of_account(details.account_email.strip(), details.voice_name.strip()),
        *_of_person(details.person),
    ):
        best[voice] = policies.better(best[voice], how) if voice in best else how
    ranked = sorted(best.items(), key=lambda one: list(policies.HOW).index(one[1]))
    return ranked[: policies.MOST_CANDIDATES]


def of_outputs(outputs: Iterable[str]) -> list[Found]:
    """Return the voices that spoke these outputs."""
    spoken = Voice.objects.filter(speech_requests__output__in=list(outputs)).distinct()
    return [
        (pk, policies.CATALOGUE if kind == Voice.Kind.CURATED else policies.OUTPUT)
        for pk, kind in spoken.values_list("pk", "kind")
    ]


def _linked(text: str) -> list[Found]:
    """Return what the links lead to that we gave out: answers of the detector, and voices in the catalogue."""
    ids = [UUID(one) for one in UUIDS.findall(text)[:MOST_LINKS]]
    answered = Detection.objects.filter(pk__in=ids, status=Detection.Status.ANSWERED)
    outputs = [output for some in answered.values_list("outputs", flat=True) for output in some]
    curated = Voice.objects.alive().filter(pk__in=ids, kind=Voice.Kind.CURATED).values_list("pk", flat=True)
    return [*of_outputs(outputs), *((voice, policies.CATALOGUE) for voice in curated)]


def _of_account(email: str, name: str) -> list[Found]:
    """Return the voices of an account; with the voice's name, which is private, it is that one that is meant."""
    voices = Voice.objects.alive()
    if email:
        theirs = list(voices.filter(account__email__iexact=email)[: policies.MOST_CANDIDATES])
        exact = [voice for voice in theirs if name and voice.name.casefold() == name.casefold()]
        if exact:
            return [(voice.pk, policies.NAMED) for voice in exact]
        return [(voice.pk, policies.ACCOUNT) for voice in theirs]
    listed = voices.filter(kind=Voice.Kind.CURATED, name__iexact=name) if name else Voice.objects.none()
    return [(voice, policies.CATALOGUE) for voice in listed.values_list("pk", flat=True)]


def _of_person(person: str) -> list[Found]:
    """Return the voices that were declared to be of somebody with this name."""
    name = " ".join(person.split())
    if not name:
        return []
    same = Voice.objects.alive().filter(Q(owner__name__iexact=name)).values_list("pk", flat=True)
    return [(voice, policies.OWNER) for voice in same[: policies.MOST_CANDIDATES]]
