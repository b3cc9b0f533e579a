"""Sound for the eye: a waveform and a spectrogram, as moderators read them.

Both lie on a dark panel of their own, so that they read the same on a light and on a dark page, and carry no style or
script, so that a strict content security policy shows them. They show the voice of somebody: whoever stores one treats
it as the recording it was drawn from.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from velluto.audio.signal import Audio

WIDTH, WAVE_HEIGHT, SPECTRUM_HEIGHT = 1_200, 260, 420  # pixels
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 16, 40  # pixels of margin around the plot
PLOT_WIDTH = WIDTH - LEFT - RIGHT

PANEL, GRID, TEXT, WAVE, ALARM = "#1b171f", "#3b3442", "#d6cddb", "#d8a5c4", "#ffb454"
TEXT_SIZE = 15  # pixels

CLIPPED = 0.999  # of full scale
SECOND_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600)
MOST_TICKS = 12

WINDOW_SECONDS = 0.025  # long enough for single harmonics of most voices, short enough for single sounds
FRAMES_A_COLUMN = 6
RANGE_DB = 70.0
LOWEST_PITCH = 60.0  # Hz; the rumble of a room below it must not set the scale
# From silence to the loudest; lightness rises all the way, so that it reads without colours too.
COLOURS = np.array(
    [
        (20, 16, 26),
        (52, 26, 78),
        (100, 33, 110),
        (152, 45, 118),
        (205, 66, 104),
        (241, 110, 88),
        (252, 176, 116),
        (255, 244, 214),
    ],
    np.float32,
)


def waveform_svg(audio: Audio) -> bytes:
    """Return an SVG of the waveform against full scale; places that touch full scale are marked above it."""
    low, high = _envelope(audio.samples)
    middle, reach = TOP + (WAVE_HEIGHT - TOP - BOTTOM) / 2, (WAVE_HEIGHT - TOP - BOTTOM) / 2
    columns = np.arange(PLOT_WIDTH) + LEFT + 0.5
    upper = [f"{x:.1f},{middle - reach * y:.1f}" for x, y in zip(columns, high, strict=True)]
    lower = [f"{x:.1f},{middle - reach * y:.1f}" for x, y in zip(columns, low, strict=True)]
    clipped = columns[np.maximum(high, -low) >= CLIPPED]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {WAVE_HEIGHT}" width="{WIDTH}" '
        f'height="{WAVE_HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="{TEXT_SIZE}">',
        f"<title>Waveform, {audio.seconds:.1f} seconds</title>",
        f'<rect width="{WIDTH}" height="{WAVE_HEIGHT}" rx="8" fill="{PANEL}"/>',
    ]
    for level in (1.0, 0.5, 0.0, -0.5, -1.0):
        y = middle - reach * level
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 10}" y="{y + 5:.1f}" text-anchor="end" fill="{TEXT}">{level:g}</text>')
    for x, label, anchor in _second_ticks(audio.seconds):
        foot = WAVE_HEIGHT - BOTTOM
        parts.append(f'<path d="M{x:.1f} {TOP}V{foot + 6}" stroke="{GRID}"/>')
        parts.append(f'<text x="{x:.1f}" y="{foot + 24}" text-anchor="{anchor}" fill="{TEXT}">{label}</text>')
    parts.append(
        f'<polygon points="{" ".join(upper + lower[::-1])}" fill="{WAVE}" stroke="{WAVE}" stroke-width="0.8"/>'
    )
    parts.extend(f'<path d="M{x:.1f} 2v10" stroke="{ALARM}" stroke-width="2"/>' for x in clipped)
    parts.append("</svg>")
    return "\n".join(parts).encode()


def spectrogram_png(audio: Audio) -> bytes:
    """Return a PNG of the power over time and frequency, 70 dB down from its loudest point."""
    height = SPECTRUM_HEIGHT - TOP - BOTTOM
    levels = _levels(audio, height)
    canvas = Image.new("RGB", (WIDTH, SPECTRUM_HEIGHT), PANEL)
    canvas.paste(Image.fromarray(_coloured(levels)), (LEFT, TOP))
    draw = ImageDraw.Draw(canvas)
    font = ImageFont.load_default(TEXT_SIZE)
    foot = SPECTRUM_HEIGHT - BOTTOM
    for x, label, anchor in _second_ticks(audio.seconds):
        draw.line((x, foot, x, foot + 6), fill=TEXT)
        draw.text((x, foot + 10), label, fill=TEXT, font=font, anchor={"middle": "ma", "end": "ra"}[anchor])
    highest = audio.rate / 2_000
    for kilohertz in range(0, int(highest) + 1, 1 if highest <= 6 else 2):
        y = foot - height * kilohertz / highest
        draw.line((LEFT - 6, y, LEFT - 1, y), fill=TEXT)
        unit = " kHz" if kilohertz == 0 else ""
        draw.text((LEFT - 10, y), f"{kilohertz}{unit}", fill=TEXT, font=font, anchor="rm")
    out = io.BytesIO()
    canvas.save(out, "PNG", optimize=False)
    return out.getvalue()


def _envelope(samples: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the lowest and the highest sample under each column of the plot."""
    if not len(samples):
        return np.zeros(PLOT_WIDTH, np.float32), np.zeros(PLOT_WIDTH, np.float32)
    edges = np.linspace(0, len(samples), PLOT_WIDTH, endpoint=False).astype(int)
    return np.minimum.reduceat(samples, edges), np.maximum.reduceat(samples, edges)


def _second_ticks(seconds: float) -> Iterator[tuple[float, str, str]]:
    """Yield place, label and text anchor of the marks on the time axis; the last mark carries the unit."""
    if seconds <= 0:
        return
    step = next((step for step in SECOND_STEPS if seconds / step <= MOST_TICKS), SECOND_STEPS[-1])
    count = int(seconds / step + 1e-6)
    for number in range(count + 1):
        x = LEFT + PLOT_WIDTH * number * step / seconds
        last = number == count
        label = f"{number * step:g}" + (" s" if last else "")
        yield x, label, "end" if last and x > WIDTH - RIGHT - 30 else "middle"


def _levels(audio: Audio, height: int) -> NDArray[np.float32]:
    """Return the power as float32 of shape (height, PLOT_WIDTH), row 0 the highest frequency.

    0..1 stands for RANGE_DB below the loudest point up to it.
    """
    size = 1 << int(np.ceil(np.log2(audio.rate * WINDOW_SECONDS)))
    window = np.hanning(size).astype(np.float32)
    padded = np.pad(audio.samples, size // 2)
    bins = np.linspace(size / 2, 0, height)
    below = np.minimum(bins.astype(int), size // 2 - 1)
    share = (bins - below)[:, np.newaxis]
    power = np.empty((height, PLOT_WIDTH), np.float32)
    starts = np.linspace(0, len(audio.samples), PLOT_WIDTH * FRAMES_A_COLUMN, endpoint=False).astype(int)
    for block in np.array_split(np.arange(PLOT_WIDTH), 16):
        inside = starts.reshape(PLOT_WIDTH, FRAMES_A_COLUMN)[block]
        frames = np.lib.stride_tricks.sliding_window_view(padded, size)[np.minimum(inside, len(padded) - size)]
        spectrum = (np.abs(np.fft.rfft(frames * window)) ** 2).mean(axis=1).T
        power[:, block] = spectrum[below] * (1 - share) + spectrum[below + 1] * share
    loudest = float(power[bins * audio.rate / size >= LOWEST_PITCH].max())
    if loudest <= 0:
        return np.zeros_like(power)
    decibels = 10 * np.log10(np.maximum(power / loudest, 1e-12))
    return np.clip(1 + decibels / RANGE_DB, 0, 1).astype(np.float32)


def _coloured(levels: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return uint8 of shape (height, width, 3) for levels of 0..1."""
    place = levels * (len(COLOURS) - 1)
    below = np.minimum(place.astype(int), len(COLOURS) - 2)
    share = (place - below)[..., np.newaxis]
    return np.round(COLOURS[below] * (1 - share) + COLOURS[below + 1] * share).astype(np.uint8)
