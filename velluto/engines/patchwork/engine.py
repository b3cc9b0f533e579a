"""The Watermark of this house: a keyed patchwork mark in the telephone band."""

from __future__ import annotations

import numpy as np

from velluto.audio.signal import Audio
from velluto.engines.base import Mark
from velluto.engines.patchwork import tiles, write
from velluto.engines.patchwork.hunt import marks
from velluto.engines.patchwork.pattern import PAYLOAD_BITS, Pattern

LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000


class PatchworkWatermark:
    """Write and read a 48-bit payload in the tile levels of speech, 300-3,700 Hz; see docs/benchmarks/watermark.md.

    Only who has `key` can find or forge a mark; without one, settings.WATERMARK_KEY is it, or one derived from
    SECRET_KEY. Instances keep no state between calls and may be used by several threads.
    """

    name = "patchwork"
    version = "1"
    payload_bits = PAYLOAD_BITS
    shortest = 5.0

    def __init__(self, key: str = "") -> None:
        self._pattern = Pattern(key or _settings_key())

    def embed(self, audio: Audio, payload: int) -> Audio:
        """Return `audio` carrying `payload` throughout: same length, same rate, changed below 4 kHz alone.

        Where the result would exceed full scale (or the peak of `audio`, if that is higher), the whole is turned down
        by as much, so nothing clips. Sound shorter than `shortest` is marked too, but the mark may not be found
        again. Raises ValueError for a payload of more than 48 bits or a rate outside 8-48 kHz.
        """
        if not 0 <= payload < 1 << PAYLOAD_BITS:
            raise ValueError(f"a payload has {PAYLOAD_BITS} bits")
        samples = _narrow(audio)
        if not len(samples):
            return audio
        added = Audio(write.change(samples, self._pattern.chips(payload)), tiles.RATE).at(audio.rate).samples
        marked = audio.samples.copy()
        length = min(len(marked), len(added))
        marked[:length] += added[:length]
        limit = max(1.0, float(np.abs(audio.samples).max()))
        peak = float(np.abs(marked).max())
        return Audio(marked * np.float32(limit / peak) if peak > limit else marked, audio.rate)

    def detect(self, audio: Audio) -> tuple[Mark, ...]:
        """Return the marks found, most certain first; empty where none is, in silence, and in under two seconds.

        `confidence` is one minus the number of chance marks at least as strong to be expected in a search like this
        one, and at most 0.9999. Raises ValueError for a rate outside 8-48 kHz.
        """
        return tuple(
            Mark(
                find.payload,
                min(find.start, audio.seconds),
                min(find.end, audio.seconds),
                find.confidence,
                self.name,
                self.version,
            )
            for find in marks(self._pattern, _narrow(audio))
        )


def _narrow(audio: Audio) -> tiles.Floats:
    if not LOWEST_RATE <= audio.rate <= HIGHEST_RATE:
        raise ValueError(f"the watermark works from {LOWEST_RATE} to {HIGHEST_RATE} Hz, not at {audio.rate} Hz")
    return np.nan_to_num(audio.at(tiles.RATE).samples)


def _settings_key() -> str:
    from django.conf import settings
    from django.utils.crypto import salted_hmac

    own = getattr(settings, "WATERMARK_KEY", "")
    return own or salted_hmac("velluto.engines.patchwork", "key", algorithm="sha256").hexdigest()
