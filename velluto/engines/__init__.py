"""The machine room: engines are chosen by settings.ENGINES as Django chooses STORAGES."""

from __future__ import annotations

from functools import cache
from typing import Any, cast

from django.conf import settings
from django.utils.module_loading import import_string

from velluto.engines.base import (
    Provenance,
    ScriptScreener,
    SpeakerEncoder,
    SpeechEngine,
    Transcriber,
    VoiceActivityDetector,
    Watermark,
)


@cache
def get(capability: str) -> Any:
    """Return the engine that settings.ENGINES names for `capability`, made once per process."""
    chosen: dict[str, Any] = settings.ENGINES[capability]
    return import_string(chosen["BACKEND"])(**chosen.get("OPTIONS", {}))


def speaker() -> SpeakerEncoder:
    return cast(SpeakerEncoder, get("speaker"))


def activity() -> VoiceActivityDetector:
    return cast(VoiceActivityDetector, get("activity"))


def transcriber() -> Transcriber:
    return cast(Transcriber, get("transcriber"))


def speech() -> SpeechEngine:
    return cast(SpeechEngine, get("speech"))


def watermark() -> Watermark:
    return cast(Watermark, get("watermark"))


def provenance() -> Provenance:
    return cast(Provenance, get("provenance"))


def screening() -> ScriptScreener:
    return cast(ScriptScreener, get("screening"))
