import numpy as np
import pytest

from tests.engines.contract import SENTENCE, VoiceActivityContract
from tests.engines.voices import join, mix, noise, pause, read_aloud
from velluto.engines.silero import SileroActivity


class TestSileroActivity(VoiceActivityContract):
    detector = SileroActivity()


@pytest.mark.filterwarnings("ignore:.*torch.jit.load.*:DeprecationWarning")
def test_probabilities_equal_those_of_the_wheels_own_loop() -> None:
    import torch
    from silero_vad import load_silero_vad

    audio = mix(join(pause(0.5), read_aloud(SENTENCE), pause(0.7)), noise(20, -50))
    expected = load_silero_vad().audio_forward(torch.from_numpy(audio.samples)[None], audio.rate)[0].detach().numpy()
    assert np.abs(SileroActivity().probabilities(audio.samples) - expected).max() < 1e-4
