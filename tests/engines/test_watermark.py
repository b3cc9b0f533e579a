from concurrent.futures import ThreadPoolExecutor
from functools import cache

import numpy as np
import pytest

from velluto.audio.signal import Audio
from velluto.benchmarks.attacks import ATTACKS, faster, hurried
from velluto.engines.base import Watermark
from velluto.engines.espeak import say
from velluto.engines.patchwork import PatchworkWatermark, code
from velluto.engines.patchwork.hunt import chance

PAYLOAD, OTHER_PAYLOAD = 0x0123_4567_89AB, 0xFEDC_BA98_7654
TEXT = (
    "The last train to the coast leaves at seven minutes past nine, and it does not wait for anybody. "
    "We keep the spare key under the third pot on the balcony, next to the basil. "
    "Yesterday the river rose by half a metre, but the old bridge held, as it always does."
)


def speech(seconds: float = 10, rate: int = 16_000, voice: str = "en-us+f2") -> Audio:
    return spoken(voice).cut(0, seconds).at(rate)


@cache
def spoken(voice: str) -> Audio:
    return say(TEXT, voice)  # no two calls make the same sound


@cache
def marked(seconds: float = 10, rate: int = 16_000, payload: int = PAYLOAD, voice: str = "en-us+f2") -> Audio:
    return engine().embed(speech(seconds, rate, voice), payload)


@cache
def engine() -> Watermark:
    return PatchworkWatermark(key="of the tests")


def joined(*parts: Audio) -> Audio:
    return Audio(np.concatenate([part.samples for part in parts]), parts[0].rate)


def payloads(audio: Audio) -> list[int]:
    return [mark.payload for mark in engine().detect(audio)]


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_the_payload_comes_back_from_the_shortest_sound_at_any_rate(rate):
    audio = marked(engine().shortest, rate)

    assert len(audio.samples) == len(speech(engine().shortest, rate).samples)
    assert audio.rate == rate
    assert audio.samples.dtype == np.float32
    assert payloads(audio) == [PAYLOAD]


@pytest.mark.parametrize("payload", [0, 1, 2**47, 2**48 - 1])
def test_every_payload_of_forty_eight_bits_comes_back(payload):
    assert payloads(marked(payload=payload)) == [payload]


@pytest.mark.parametrize("attack", ["mp3_64k", "opus_24k", "telephone", "noise_20db", "echo"])
def test_the_mark_outlives_the_way_to_the_listener(attack):
    assert payloads(ATTACKS[attack](marked(), np.random.default_rng(0))) == [PAYLOAD]


def test_the_mark_is_found_in_a_piece_cut_out_anywhere():
    for start in (0.0, 1.234, 4.9):
        assert payloads(marked().cut(start, start + 5)) == [PAYLOAD]


@pytest.mark.parametrize("change", [faster, hurried])
def test_the_mark_is_found_in_sound_played_faster(change):
    assert payloads(change(marked())) == [PAYLOAD]


def test_a_mark_says_where_it_is_how_sure_it_is_and_who_read_it():
    quiet = Audio(np.zeros(16_000 * 12, np.float32), 16_000)

    (mark,) = engine().detect(joined(speech(12, voice="en-us+m3"), marked(), quiet))

    assert mark.payload == PAYLOAD
    assert mark.start == pytest.approx(speech(12, voice="en-us+m3").seconds, abs=0.5)
    assert 20 < mark.end <= 34
    assert 0.99 < mark.confidence <= 1
    assert (mark.engine, mark.version) == (engine().name, engine().version)


def test_two_marked_clips_in_one_file_are_both_found_where_they_are():
    second = marked(payload=OTHER_PAYLOAD, voice="en-us+m3")

    marks = {mark.payload: mark for mark in engine().detect(joined(marked(), second))}

    assert set(marks) == {PAYLOAD, OTHER_PAYLOAD}
    assert marks[PAYLOAD].start < 0.5
    assert marks[PAYLOAD].end == pytest.approx(10, abs=0.7)
    assert marks[OTHER_PAYLOAD].start == pytest.approx(10, abs=0.7)
    assert marks[OTHER_PAYLOAD].end > 19


def test_one_clip_used_twice_far_apart_is_two_marks_of_one_payload():
    between = joined(speech(10, voice="en-us+m3"), speech(10, voice="en-us+f3"))

    marks = sorted(engine().detect(joined(marked(), between, marked())), key=lambda mark: mark.start)

    assert [mark.payload for mark in marks] == [PAYLOAD, PAYLOAD]
    assert marks[0].end < 11
    assert marks[1].start > 29


def test_unmarked_speech_and_other_sounds_hold_no_mark():
    time = np.arange(16_000 * 10) / 16_000
    tone = Audio((0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32), 16_000)
    noise = Audio(np.random.default_rng(1).standard_normal(160_000).astype(np.float32) * 0.1, 16_000)
    beat = Audio((tone.samples * (np.floor(time / 0.024) % 2)).astype(np.float32), 16_000)

    for sound in (speech(), joined(speech(), speech(voice="en-us+m3")), tone, noise, beat):
        assert engine().detect(sound) == ()


def test_another_key_neither_reads_the_mark_nor_mistakes_it_for_its_own():
    assert PatchworkWatermark(key="a stranger").detect(marked()) == ()


@pytest.mark.parametrize("seconds", [0, 0.001, 0.5, 1.9])
def test_very_short_sound_holds_no_mark_and_may_be_marked_all_the_same(seconds):
    audio = marked(seconds)

    assert len(audio.samples) == len(speech(seconds).samples)
    assert engine().detect(audio) == ()


def test_silence_stays_silence_and_holds_no_mark():
    silence = Audio(np.zeros(16_000 * 8, np.float32), 16_000)

    assert not engine().embed(silence, PAYLOAD).samples.any()
    assert engine().detect(silence) == ()


def test_the_mark_does_not_make_loud_speech_clip():
    loud = Audio(speech().samples / np.abs(speech().samples).max(), 16_000)

    audio = engine().embed(loud, PAYLOAD)

    assert np.abs(audio.samples).max() <= 1.0
    assert payloads(audio) == [PAYLOAD]


def test_the_mark_is_small_and_leaves_what_lies_above_four_kilohertz_alone():
    before, after = speech(10, 44_100), marked(10, 44_100)
    difference = after.samples - before.samples
    spectrum = np.abs(np.fft.rfft(difference)) ** 2
    frequencies = np.fft.rfftfreq(len(difference), 1 / 44_100)

    assert 15 < 10 * np.log10((before.samples**2).sum() / (difference**2).sum()) < 25
    assert spectrum[frequencies > 4_000].sum() < 1e-4 * spectrum.sum()


def test_the_sound_given_is_not_changed():
    audio = Audio(speech().samples.copy(), 16_000)

    engine().embed(audio, PAYLOAD)

    assert np.array_equal(audio.samples, speech().samples)


@pytest.mark.parametrize("payload", [-1, 2**48])
def test_a_payload_that_does_not_fit_is_refused(payload):
    with pytest.raises(ValueError, match="48 bits"):
        engine().embed(speech(), payload)


@pytest.mark.parametrize("rate", [7_999, 96_000])
def test_a_rate_out_of_reach_is_refused(rate):
    audio = Audio(np.zeros(rate, np.float32), rate)

    with pytest.raises(ValueError, match="Hz"):
        engine().embed(audio, PAYLOAD)
    with pytest.raises(ValueError, match="Hz"):
        engine().detect(audio)


def test_the_key_is_the_configured_one_or_derived_from_the_secret_key(settings):
    settings.WATERMARK_KEY = "chosen"
    chosen = PatchworkWatermark().embed(speech(), PAYLOAD)
    assert [mark.payload for mark in PatchworkWatermark(key="chosen").detect(chosen)] == [PAYLOAD]

    settings.WATERMARK_KEY = ""
    derived = PatchworkWatermark().embed(speech(), PAYLOAD)
    assert [mark.payload for mark in PatchworkWatermark().detect(derived)] == [PAYLOAD]

    settings.SECRET_KEY = "another secret"
    assert PatchworkWatermark().detect(derived) == ()


def test_threads_share_one_engine():
    sounds = [marked(), speech(), marked(payload=OTHER_PAYLOAD, voice="en-us+m3"), marked().cut(2, 8)] * 2

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(payloads, sounds))

    assert found == [[PAYLOAD], [], [OTHER_PAYLOAD], [PAYLOAD]] * 2


def test_the_code_corrects_what_noise_as_strong_as_the_signs_turns_round():
    random = np.random.default_rng(4)
    words = [int.from_bytes(random.bytes(8), "big") for _ in range(4)]
    values = np.stack([code.encode(word) for word in words]) + random.standard_normal((4, code.CODED_BITS))

    assert [best[0] for best in code.decode(values.astype(np.float32))] == words


def test_a_weaker_mark_and_a_longer_search_are_likelier_chance():
    assert chance(0.42, 100) > chance(0.43, 100) > 0
    assert chance(0.42, 10_000) == pytest.approx(100 * chance(0.42, 100))
    assert chance(0.42, 1_000) < 1e-4
    assert chance(0.0, 10**9) == 1
