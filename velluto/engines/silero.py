"""Voice activity by Silero VAD, from the model in its wheel.

The wheel's TorchScript file is opened for its weights only. Run over all chunks of a recording at once, the network
gives the same numbers as the wheel's loop in a tenth of the time, and keeps no state between calls. How probabilities
become spans is the wheel's own code. Source: https://github.com/snakers4/silero-vad (MIT), the 16 kHz network.
"""

from __future__ import annotations

import threading
import warnings
from importlib.metadata import version
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.engines.base import SpeechActivity, SpeechSpan

if TYPE_CHECKING:
    import torch

CHUNK = 512  # samples that share one probability, 32 ms
CONTEXT = 64  # samples of the chunk before that the network sees as well
REFLECTED = 64  # samples mirrored at a chunk's end, as the network was trained
STFT_STRIDE = 128  # samples
STFT_BINS = 129
ENCODER_STRIDES = (1, 2, 2, 1)


class SileroActivity:
    """Find where somebody speaks; the thresholds between speech and pause are Silero's own defaults."""

    name = "silero"

    def __init__(self) -> None:
        self.version = version("silero-vad")
        self._loading = threading.Lock()
        self._loaded: tuple[dict[str, torch.Tensor], torch.nn.LSTM] | None = None

    def speech(self, audio: Audio) -> SpeechActivity:
        """Return the stretches of speech, each at least 0.25 s, in order, in seconds."""
        from silero_vad import get_speech_timestamps_from_probs

        samples = audio.at(SPEECH_RATE).samples
        found = get_speech_timestamps_from_probs(
            self.probabilities(samples).tolist(), sampling_rate=SPEECH_RATE, audio_length_samples=len(samples)
        )
        spans = tuple(SpeechSpan(span["start"] / SPEECH_RATE, span["end"] / SPEECH_RATE) for span in found)
        return SpeechActivity(spans, self.name, self.version)

    def probabilities(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the probability of speech, 0..1, in each 32 ms chunk of `samples`, which are at 16 kHz."""
        import torch
        from torch.nn import functional

        if not len(samples):
            return np.zeros(0, np.float32)
        weights, memory = self._model()
        sound = torch.from_numpy(np.pad(samples, (CONTEXT, -len(samples) % CHUNK)))
        chunks = sound.unfold(0, CONTEXT + CHUNK, CHUNK)
        with torch.inference_mode():
            hidden = functional.pad(chunks[:, None], (0, REFLECTED), mode="reflect")
            hidden = functional.conv1d(hidden, weights["stft.forward_basis_buffer"], stride=STFT_STRIDE)
            hidden = (hidden[:, :STFT_BINS] ** 2 + hidden[:, STFT_BINS:] ** 2).sqrt()
            for layer, stride in enumerate(ENCODER_STRIDES):
                kernel = weights[f"encoder.{layer}.reparam_conv.weight"]
                bias = weights[f"encoder.{layer}.reparam_conv.bias"]
                hidden = functional.conv1d(hidden, kernel, bias, stride=stride, padding=1).relu()
            states, _ = memory(hidden[None, :, :, 0])
            logits = states[0].relu() @ weights["decoder.decoder.2.weight"][0] + weights["decoder.decoder.2.bias"]
            return logits.sigmoid()[:, 0].numpy()

    def _model(self) -> tuple[dict[str, torch.Tensor], torch.nn.LSTM]:
        """Return the network's weights by name and its recurrent layer, read from the wheel on first use."""
        with self._loading:
            if self._loaded is None:
                self._loaded = _read_model()
            return self._loaded


def _read_model() -> tuple[dict[str, torch.Tensor], torch.nn.LSTM]:
    from silero_vad import load_silero_vad  # its import also sets torch to one thread, right for these small networks
    from torch import nn

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*torch.jit.load.*", category=DeprecationWarning)
        network = load_silero_vad()
    stored = {**dict(network.named_parameters()), **dict(network.named_buffers())}
    weights = {name.removeprefix("_model."): value.detach() for name, value in stored.items()}
    memory = nn.LSTM(128, 128, batch_first=True).eval()
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    memory.load_state_dict({f"{name}_l0": weights[f"decoder.rnn.{name}"] for name in names})
    return weights, memory
