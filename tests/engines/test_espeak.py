import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest

from velluto.engines import espeak
from velluto.engines.base import UnsupportedLanguage

SENTENCE = "The quick brown fox jumps over the lazy dog."


def _say_to(results, text):
    results.put(_phones(text))


def _phones(text):
    """Return what was said: samples and times differ a little from call to call, for the library's tremor runs on."""
    return [phone.ipa for phone in espeak.say_with_phones(text)[1]]


def test_a_sentence_becomes_sound_of_a_likely_length():
    sound = espeak.say(SENTENCE)

    assert sound.rate == 22050
    assert 1.5 < sound.seconds < 5
    assert 0.05 < np.abs(sound.samples).max() <= 1


def test_variants_are_different_voices():
    female, male = espeak.say(SENTENCE, "en-us+f2"), espeak.say(SENTENCE, "en-us+m3")

    assert not np.array_equal(female.samples[:1000], male.samples[:1000])


def test_a_faster_rate_takes_less_time():
    assert espeak.say(SENTENCE, rate=300).seconds < 0.75 * espeak.say(SENTENCE, rate=140).seconds


def test_phones_lie_back_to_back_and_spell_the_word():
    sound, phones = espeak.say_with_phones("ship")

    assert [phone.ipa.strip("ˈ") for phone in phones if phone.ipa] == ["ʃ", "ɪ", "p"]
    assert all(one.end == other.start for one, other in pairwise(phones))
    assert phones[-1].end == pytest.approx(sound.seconds)


@pytest.mark.parametrize("text", ["", " ", "\n", "...", "…"])
def test_a_text_without_sound_is_refused_by_name(text):
    with pytest.raises(espeak.NothingToSay):
        espeak.say(text)


def test_a_nul_does_not_end_the_text():
    assert espeak.say("one\0two three").seconds > 1.5 * espeak.say("one").seconds


def test_an_unknown_voice_is_refused_by_name():
    with pytest.raises(UnsupportedLanguage):
        espeak.say(SENTENCE, "no-such-voice")


def test_threads_do_not_disturb_each_other():
    texts = [f"This is sentence number {number}." for number in range(12)]
    alone = [_phones(text) for text in texts]

    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(_phones, texts))

    assert together == alone


def test_a_forked_worker_speaks_even_where_its_parent_was_speaking():
    fork = multiprocessing.get_context("fork")
    results = fork.Queue()
    expected = _phones(SENTENCE)

    with espeak._lock:
        worker = fork.Process(target=_say_to, args=(results, SENTENCE))
        worker.start()
    heard = results.get(timeout=20)
    worker.join(timeout=20)

    assert worker.exitcode == 0
    assert heard == expected
