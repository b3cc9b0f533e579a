"""`manage.py add_curated_voice`: bring a voice, its rights and its terms; it is published in the admin, by a person."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from velluto.audio import intake
from voices import services
from voices.models import CatalogueEntry, Recording, RightsRecord, Voice


class Command(BaseCommand):
    help = "Add a curated voice from a recording, or (--voice) record further rights or terms for one that is there."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("recording", type=Path, nargs="?", help="half a minute to two minutes of speech")
        parser.add_argument("--voice", help="the id of a curated voice that is there already")
        parser.add_argument("--by", required=True, help="the e-mail address of whoever of the staff does this")
        parser.add_argument("--name")
        parser.add_argument("--owner-name", default="", help="the person whose voice it is; none for a synthetic one")
        parser.add_argument("--language", default="en")
        parser.add_argument("--style", choices=CatalogueEntry.Style.values, default="narration")
        parser.add_argument("--gender", choices=CatalogueEntry.Gender.values, default="neutral")
        parser.add_argument("--description", default="")
        parser.add_argument("--origin", choices=RightsRecord.Origin.values)
        parser.add_argument("--granted-by", default="")
        parser.add_argument("--from", dest="valid_from", type=date.fromisoformat, default=timezone.localdate())
        parser.add_argument("--until", dest="valid_until", type=date.fromisoformat)
        parser.add_argument("--territory", default="worldwide")
        parser.add_argument("--uses", default="all uses that the licence terms allow")
        parser.add_argument("--document", type=Path, help="the signed document; it is sealed in the vault")
        parser.add_argument("--terms", type=Path, help="a text file with the licence terms")
        parser.add_argument("--terms-version", default=timezone.localdate().isoformat())

    def handle(self, *args: Any, **given: Any) -> None:
        actor = User.objects.filter(email=given["by"].lower(), is_staff=True).first()
        if actor is None:
            raise CommandError("--by names nobody of the staff.")
        if bool(given["recording"]) == bool(given["voice"]) or (given["recording"] and not given["name"]):
            raise CommandError("Give a recording and --name for a new voice, or --voice for one that is there.")
        with transaction.atomic():
            voice = self._voice(actor, given)
            if given["origin"]:
                services.record_rights(
                    voice,
                    document=given["document"].read_bytes() if given["document"] else b"",
                    actor=actor,
                    **{key: given[key] for key in ("origin", "granted_by", "valid_from", "valid_until", "territory")},
                    uses=given["uses"],
                )
            if given["terms"]:
                text = given["terms"].read_text(encoding="utf-8")
                services.put_licence(voice, version=given["terms_version"], text=text, actor=actor)
        self.stdout.write(json.dumps({"voice": str(voice.pk), "status": voice.status}))

    def _voice(self, actor: User, given: dict[str, Any]) -> Voice:
        if given["voice"]:
            return Voice.objects.get(pk=given["voice"], kind=Voice.Kind.CURATED)
        with given["recording"].open("rb") as file:
            audio = intake.decode(file)
        names = ("name", "owner_name", "language", "style", "gender", "description")
        voice = services.add_curated(**{key: given[key] for key in names}, actor=actor)
        services.keep_recording(
            voice, purpose=Recording.Purpose.SAMPLE, audio=audio, received_at=timezone.now(), actor=actor
        )
        services.build_curated(voice, actor=actor)
        return voice
