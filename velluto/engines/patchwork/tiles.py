"""Time and frequency cut into tiles: the plane in which the mark is written and read.

Everything happens at 8 kHz, so that a telephone call or an 8 kHz recording loses nothing of it. A tile is 24 ms by
187.5 Hz. A chip, one sign of the mark, is a checkerboard of 2 x 2 tiles: raised and lowered in log magnitude for +, the
other way round for -. (Patchwork: Bender et al., 1996; on a plane of tiles, with a code: Westerfeld's audiowmark.)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft

Floats = NDArray[np.float32]
Spectra = NDArray[np.complex64]

RATE = 8_000  # Hz, internal
FRAME = 128  # samples: 16 ms
HOP = 32  # samples: 4 ms
FRAMES_PER_SECOND = RATE / HOP
TILE_FRAMES = 6
CHIP_FRAMES = 2 * TILE_FRAMES
ROWS = 9  # chips above one another
BANDS = 2 * ROWS  # tiles above one another
BAND_BINS = 3
FIRST_BIN = 5  # 312 Hz; the last band ends at 3,690 Hz
BINS = slice(FIRST_BIN, FIRST_BIN + BANDS * BAND_BINS)
COLUMNS = 60  # chips beside one another before the mark repeats
PERIOD = COLUMNS * CHIP_FRAMES  # frames: 2.88 s
LEAD = FRAME  # samples of silence put in front, so that every sample lies in full frames

WINDOW = np.hanning(FRAME + 1)[:FRAME].astype(np.float32)


def padded(samples: Floats) -> Floats:
    """Return 8 kHz `samples` with silence around them, so that frame n is centred on sample HOP * n - FRAME / 2."""
    return np.pad(samples, (LEAD, 2 * FRAME))


def frame_count(length: int) -> int:
    """Return how many frames `length` padded samples hold."""
    return 1 + (length - FRAME) // HOP


def spectra(samples: Floats, first: int, count: int, size: int = FRAME) -> Spectra:
    """Return the spectra, shape (count, size / 2 + 1), of `count` frames of padded samples from frame `first` on."""
    part = samples[first * HOP : (first + count - 1) * HOP + FRAME]
    frames = np.lib.stride_tricks.sliding_window_view(part, FRAME)[::HOP]
    return fft.rfft(frames * WINDOW, size, axis=1)
