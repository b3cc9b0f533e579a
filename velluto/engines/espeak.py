"""eSpeak NG through the wheel's shared library: text to sound, with the phones it spoke and when.

The library has one global state, so every call goes through one lock; a forked child gets a fresh lock and keeps the
library it inherited. Source of the interface: eSpeak NG's `speak_lib.h`.
"""

from __future__ import annotations

import ctypes
import os
import threading
from dataclasses import dataclass
from typing import Any

import numpy as np

from velluto.audio.signal import Audio
from velluto.engines.base import EngineError, UnsupportedLanguage

WORDS_PER_MINUTE = (80, 450)  # what the library accepts
PITCH = (0, 99)  # the library's own scale; 50 is the voice's normal pitch

_SYNCHRONOUS_CALLBACK = 2  # AUDIO_OUTPUT_SYNCHRONOUS: the callback runs inside espeak_Synth, no thread of its own
_PHONE_EVENTS, _IPA, _DO_NOT_EXIT = 0x0001, 0x0002, 0x8000
_UTF8 = 1
_PARAMETER_RATE, _PARAMETER_PITCH = 1, 3
_EVENT_END_OF_LIST, _EVENT_PHONE = 0, 7


class NothingToSay(EngineError):
    """The text holds nothing that can be read aloud."""

    code = "nothing_to_say"


@dataclass(frozen=True, slots=True)
class SpokenPhone:
    """An IPA symbol (empty: a pause) and the time it was spoken, in seconds."""

    ipa: str
    start: float
    end: float


class _Identity(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Identity),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Library:
    """The loaded library; made on first use."""

    def __init__(self) -> None:
        import espeakng_loader

        self.calls = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        self.rate = self.calls.espeak_Initialize(
            _SYNCHRONOUS_CALLBACK,
            0,
            str(espeakng_loader.get_data_path()).encode(),
            _PHONE_EVENTS | _IPA | _DO_NOT_EXIT,
        )
        if self.rate <= 0:
            raise EngineError("eSpeak NG found no data to start with.")

    def synthesise(self, text: str, voice: str, rate: int, pitch: int) -> tuple[list[Any], list[tuple[int, str]]]:
        if self.calls.espeak_SetVoiceByName(voice.encode()) != 0:
            raise UnsupportedLanguage(f"eSpeak NG has no voice named {voice!r}.")
        self.calls.espeak_SetParameter(_PARAMETER_RATE, rate, 0)
        self.calls.espeak_SetParameter(_PARAMETER_PITCH, pitch, 0)
        blocks: list[Any] = []
        phones: list[tuple[int, str]] = []

        def receive(wave: Any, count: int, events: Any) -> int:
            if wave and count > 0:
                blocks.append(np.ctypeslib.as_array(wave, shape=(count,)).copy())
            index = 0
            while events[index].type != _EVENT_END_OF_LIST:
                if events[index].type == _EVENT_PHONE:
                    name = bytes(events[index].id.string).split(b"\0")[0].decode("utf-8", "ignore")
                    phones.append((events[index].sample, name))
                index += 1
            return 0

        callback = _Callback(receive)  # kept alive until the call below has returned
        self.calls.espeak_SetSynthCallback(callback)
        encoded = text.encode("utf-8")
        status = self.calls.espeak_Synth(
            encoded, ctypes.c_size_t(len(encoded) + 1), ctypes.c_uint(0), 1, ctypes.c_uint(0), _UTF8, None, None
        )
        if status != 0:
            raise EngineError(f"eSpeak NG could not read the text aloud (status {status}).")
        return blocks, phones


_lock = threading.Lock()
_library: _Library | None = None


def _new_lock() -> None:
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_new_lock)


def say_with_phones(
    text: str, voice: str = "en-us", *, rate: int = 160, pitch: int = 50
) -> tuple[Audio, tuple[SpokenPhone, ...]]:
    """Return `text` read aloud by an eSpeak NG voice (22,050 Hz) and the phones in it, back to back.

    `voice` is a language or language+variant (`en-us+f2`), `rate` is in words per minute (80..450), `pitch` 0..99.
    Raises NothingToSay where no sound came of it and UnsupportedLanguage for an unknown voice.
    """
    global _library
    rate, pitch = int(np.clip(rate, *WORDS_PER_MINUTE)), int(np.clip(pitch, *PITCH))
    with _lock:
        if _library is None:
            _library = _Library()
        library_rate = _library.rate
        blocks, marks = _library.synthesise(text.replace("\0", " "), voice, rate, pitch)
    if not blocks or not any(name.strip() for _, name in marks):
        raise NothingToSay("This text holds nothing that can be read aloud.")
    samples = np.concatenate(blocks).astype(np.float32) / np.float32(32768)
    ends = [sample for sample, _ in marks[1:]] + [len(samples)]
    phones = tuple(
        SpokenPhone(name, sample / library_rate, end / library_rate)
        for (sample, name), end in zip(marks, ends, strict=True)
    )
    return Audio(samples, library_rate), phones


def say(text: str, voice: str = "en-us+f2", *, rate: int = 160, pitch: int = 50) -> Audio:
    """Return `text` read aloud by an eSpeak NG voice; see `say_with_phones`. Its tremor differs from call to call."""
    return say_with_phones(text, voice, rate=rate, pitch=pitch)[0]
