from __future__ import annotations

from typing import Any

from django import forms

from accounts.models import User
from synthesis import policies, services
from velluto.audio import export


class SpeechForm(forms.Form):
    """What to say, in whose voice, and how."""

    voice = forms.ModelChoiceField(label="Voice", queryset=None, empty_label=None)
    text = forms.CharField(
        label="Text",
        widget=forms.Textarea(attrs={"rows": 9, "maxlength": policies.LONGEST_SCRIPT, "data-counter": "true"}),
        strip=False,
        error_messages={"required": "Write at least one word."},
    )
    language = forms.ChoiceField(label="Language", initial="en")
    pace = forms.FloatField(
        label="Pace (1 is the speaker's own)",
        initial=1.0,
        min_value=policies.PACES[0],
        max_value=policies.PACES[1],
        widget=forms.NumberInput(attrs={"type": "number", "step": "0.05"}),
    )
    format = forms.ChoiceField(label="File format", initial="mp3")

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        voice = self.fields["voice"]
        voice.queryset = account.voices.active()
        voice.label_from_instance = lambda choice: choice.name
        self.fields["language"].choices = sorted(services.languages().items(), key=lambda item: item[1])
        self.fields["format"].choices = [(key, made.label) for key, made in export.FORMATS.items()]


class DetectorForm(forms.Form):
    audio = forms.FileField(
        label="A recording",
        help_text="WAV, FLAC, MP3, M4A, OGG or WebM, at most ten minutes.",
        error_messages={"required": "Choose a file.", "empty": "The file is empty."},
    )
