"""What a key makes of a payload: 540 signs laid out on the tile plane, and the way back."""

from __future__ import annotations

import hashlib
import hmac

import numpy as np

from velluto.engines.patchwork import code
from velluto.engines.patchwork.tiles import COLUMNS, ROWS, Floats

PAYLOAD_BITS = 48
CHECK_BITS = 16
CHIPS = COLUMNS * ROWS
SYNC_CHIPS = CHIPS - code.CODED_BITS


class Pattern:
    """One key's secret: where the known (sync) signs lie and what they are, how the coded ones are scattered.

    Immutable after construction, so it may be shared between threads.
    """

    def __init__(self, key: str) -> None:
        if not key:
            raise ValueError("a watermark needs a key")
        self._key = key.encode()
        seed = int.from_bytes(hashlib.sha256(b"velluto patchwork 1 layout " + self._key).digest()[:16], "big")
        random = np.random.Generator(np.random.Philox(key=seed))
        places = random.permutation(CHIPS)  # flat: column * ROWS + row
        sync, self.coded = np.sort(places[:SYNC_CHIPS]), places[SYNC_CHIPS:]
        self.scramble = random.choice([-1, 1], code.CODED_BITS).astype(np.float32)
        known = np.zeros((COLUMNS, ROWS), np.float32)
        known.flat[sync] = random.choice([-1, 1], SYNC_CHIPS)
        self.known = known.ravel()
        # One row for each column at which the mark may begin: what the sync signs look like from there.
        self.shifted = np.stack([np.roll(known, shift, axis=0).ravel() for shift in range(COLUMNS)])

    def _check(self, payload: int) -> int:
        data = b"check " + payload.to_bytes(PAYLOAD_BITS // 8, "big")
        return int.from_bytes(hmac.digest(self._key, data, "sha256")[: CHECK_BITS // 8], "big")

    def chips(self, payload: int) -> Floats:
        """Return the signs of one period, shape (COLUMNS, ROWS)."""
        chips = self.known.copy()
        chips[self.coded] = code.encode(payload << CHECK_BITS | self._check(payload)) * self.scramble
        return chips.reshape(COLUMNS, ROWS)

    def payload(self, word: int) -> int | None:
        """Return the payload of a decoded 64-bit word, or None where its keyed checksum is wrong."""
        payload, check = word >> CHECK_BITS, word & (1 << CHECK_BITS) - 1
        return payload if self._check(payload) == check else None
