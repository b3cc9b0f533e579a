"""Voiceprints by Resemblyzer's GE2E encoder, from the weights in its wheel.

The wheel's Python is not imported: it would bring librosa and webrtcvad along, for a mel spectrogram and a pause
trimmer. The spectrogram here equals librosa's to float precision; a voice activity detector of ours leaves pauses out.
Sources: Wan et al., "Generalized end-to-end loss for speaker verification" (arXiv:1710.10467), and
https://github.com/resemble-ai/Resemblyzer (Apache 2.0) for weights, features and windows.
"""

from __future__ import annotations

import threading
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.engines.base import Embedding, EngineError, TooLittleSpeech, VoiceActivityDetector
from velluto.engines.silero import SileroActivity

if TYPE_CHECKING:
    import torch

FRAME = 400  # samples in an analysis frame, 25 ms
HOP = 160  # samples between frames, 10 ms
BANDS = 40
WINDOW = 160  # frames that the network sees at once, 1.6 s
WINDOW_STEP = 77  # frames between windows: 1.3 windows a second
QUIETEST = -30.0  # dBFS; quieter speech is raised to this level, for the features are not logarithmic
SHORTEST = 1.0  # seconds of speech below which a voiceprint means little
PREPARATION = "1"  # of the sound before the network; a change makes voiceprints incomparable


class ResemblyzerEncoder:
    """Turn speech into 256 values that lie close together for one speaker."""

    name = "resemblyzer"

    def __init__(self, activity: VoiceActivityDetector | None = None) -> None:
        self.version = f"{version('Resemblyzer')}-{PREPARATION}"
        self._activity = activity or SileroActivity()
        self._loading = threading.Lock()
        self._loaded: tuple[torch.nn.LSTM, torch.nn.Linear] | None = None

    def embed(self, audio: Audio) -> Embedding:
        """Return the voiceprint of the speech in `audio`, pauses left out; raise TooLittleSpeech under one second."""
        sound = audio.at(SPEECH_RATE)
        spans = self._activity.speech(sound).spans
        speech = [sound.cut(span.start, span.end).samples for span in spans]
        if sum(map(len, speech)) < SHORTEST * SPEECH_RATE:
            raise TooLittleSpeech(f"A voiceprint needs at least {SHORTEST:.0f} second of speech.")
        vector = self._embed(raise_level(np.concatenate(speech)))
        return Embedding(vector, self.name, self.version)

    def _embed(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Average the network's answers over windows of 1.6 s; the last window may lack a quarter."""
        import torch

        recurrent, projection = self._model()
        frames = mel_spectrogram(torch.from_numpy(samples))
        starts = range(0, max(1, len(frames) - WINDOW * 3 // 4 + 1), WINDOW_STEP)
        missing = starts[-1] + WINDOW - len(frames)
        if missing > 0:
            frames = torch.nn.functional.pad(frames, (0, 0, 0, missing))
        windows = torch.stack([frames[start : start + WINDOW] for start in starts])
        with torch.inference_mode():
            _, (hidden, _) = recurrent(windows)
            partial = torch.nn.functional.normalize(projection(hidden[-1]).relu(), dim=1)
            whole = torch.nn.functional.normalize(partial.mean(dim=0), dim=0)
        return whole.numpy().astype(np.float32)

    def _model(self) -> tuple[torch.nn.LSTM, torch.nn.Linear]:
        """Return the recurrent layers and the projection, read from the wheel on first use."""
        with self._loading:
            if self._loaded is None:
                self._loaded = _read_model()
            return self._loaded


def _read_model() -> tuple[torch.nn.LSTM, torch.nn.Linear]:
    import torch

    spec = find_spec("resemblyzer")
    if spec is None or not spec.submodule_search_locations:
        raise EngineError("The package Resemblyzer, which holds the weights, is not installed.")
    stored = torch.load(
        Path(spec.submodule_search_locations[0]) / "pretrained.pt", map_location="cpu", weights_only=True
    )["model_state"]
    torch.set_num_threads(1)  # the layers are small: more threads only take cores from other work
    recurrent = torch.nn.LSTM(BANDS, 256, num_layers=3, batch_first=True).eval()
    projection = torch.nn.Linear(256, 256).eval()
    for layer, prefix in ((recurrent, "lstm."), (projection, "linear.")):
        layer.load_state_dict({k.removeprefix(prefix): v for k, v in stored.items() if k.startswith(prefix)})
    return recurrent, projection


def raise_level(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return `samples` raised to -30 dBFS where they are quieter; louder ones stay as they are."""
    level = float(np.sqrt(np.mean(samples.astype(np.float64) ** 2)))
    wanted = 10 ** (QUIETEST / 20)
    return samples if level == 0 or level >= wanted else (samples * (wanted / level)).astype(np.float32)


def mel_spectrogram(samples: torch.Tensor) -> torch.Tensor:
    """Return the power in 40 mel bands, not logarithmic, shape (frames, 40), of sound at 16 kHz.

    Equals librosa.feature.melspectrogram(n_fft=400, hop_length=160, n_mels=40) with its defaults.
    """
    import torch

    spectrum = torch.stft(
        samples,
        FRAME,
        HOP,
        window=torch.hann_window(FRAME),
        center=True,
        pad_mode="constant",
        return_complex=True,
    )
    power = spectrum.real**2 + spectrum.imag**2
    return power.T @ torch.from_numpy(mel_bands().T.copy())


def mel_bands() -> NDArray[np.float32]:
    """Return triangular bands of equal area on Slaney's mel scale, 0-8 kHz, shape (40, 201).

    Linear below 1 kHz, logarithmic above (M. Slaney, Auditory Toolbox, 1998).
    """
    top = 15 + 27 * np.log(SPEECH_RATE / 2 / 1000) / np.log(6.4)
    mels = np.linspace(0, top, BANDS + 2)
    edges = np.where(mels < 15, mels * 200 / 3, 1000 * 6.4 ** ((mels - 15) / 27))
    bins = np.linspace(0, SPEECH_RATE / 2, FRAME // 2 + 1)
    rising = (bins - edges[:-2, None]) / np.diff(edges)[:-1, None]
    falling = (edges[2:, None] - bins) / np.diff(edges)[1:, None]
    area = 2 / (edges[2:] - edges[:-2])
    return (np.clip(np.minimum(rising, falling), 0, None) * area[:, None]).astype(np.float32)
