"""`manage.py demo_catalogue`: a few wholly synthetic voices for the catalogue of a development site, once."""

from __future__ import annotations

import io
import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from consent.script import PASSAGES
from velluto.engines.made_up import MadeUpSpeaker
from voices import services
from voices.models import CatalogueEntry, Recording, RightsRecord, Voice

STAFF = "senior@example.org"
PATIENCE = 900.0  # seconds for a worker to build them
TERMS = (
    "This voice belongs to nobody: it was made by a machine, from a machine. You may use what it says for any lawful "
    "purpose that the Acceptable Use Policy allows.\n\n"
    "You may not present it as the voice of a real person, and you may not remove the marks that it carries."
)
VOICES = (
    ("Linen", MadeUpSpeaker("en-us+f4", pitch=55), "narration", "female", "Light and even, for long texts."),
    ("Corduroy", MadeUpSpeaker("en-gb-x-rp+m7", pitch=35), "announcement", "male", "Low and firm, for short notices."),
    ("Felt", MadeUpSpeaker("en-us+m1", rate=165, pitch=62), "conversation", "neutral", "Quick and easy-going."),
)


class Command(BaseCommand):
    help = "Put the demo's synthetic voices into the catalogue (development only); those that are there stay."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("The demo's voices are for development only.")
        call_command("setup_demo", stdout=io.StringIO())
        actor = User.objects.get(email=STAFF)
        for name, speaker, style, gender, description in VOICES:
            if not Voice.objects.filter(kind=Voice.Kind.CURATED, name=name).exists():
                self._add(name, speaker, actor, style=style, gender=gender, description=description)
        fresh = Voice.objects.filter(
            kind=Voice.Kind.CURATED,
            name__in=[name for name, *_ in VOICES],
            entry__status=CatalogueEntry.Status.DRAFT,
        )
        give_up_at = time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at and fresh.filter(status=Voice.Status.BUILDING).exists():
            time.sleep(0.5)
        for voice in fresh.active():
            services.publish(voice, actor=actor, reason="the demo")
            self.stdout.write(f"“{voice.name}” stands in the catalogue.")

    def _add(self, name: str, speaker: MadeUpSpeaker, actor: User, **entry: str) -> None:
        audio, now = speaker.read(*PASSAGES[:4]), timezone.now()
        with transaction.atomic():
            voice = services.add_curated(name=name, language="en", actor=actor, **entry)
            services.keep_recording(voice, purpose=Recording.Purpose.SAMPLE, audio=audio, received_at=now, actor=actor)
            services.record_rights(
                voice,
                origin=RightsRecord.Origin.SYNTHETIC,
                granted_by="nobody: eSpeak NG made it up",
                valid_from=timezone.localdate(now),
                valid_until=None,
                actor=actor,
            )
            services.put_licence(voice, version="1", text=TERMS, actor=actor)
            services.build_curated(voice, actor=actor)
