import io
import pickle

import numpy as np
import pytest

from velluto.audio.signal import Audio
from velluto.engines import espeak
from velluto.engines.base import ForeignArtefact, TooLittleSpeech, UnsupportedLanguage, VoiceArtefact
from velluto.engines.cloner import ExemplarCloner, psola, reader
from velluto.engines.cloner.analysis import FRAME, RATE, analyse, log_amplitude_basis
from velluto.engines.cloner.enrolment import measure
from velluto.engines.cloner.languages import LANGUAGES, voice_for
from velluto.engines.cloner.phones import CLASSES, PHONES, SILENCE, SUBSTITUTES, from_ipa
from velluto.engines.cloner.splitting import utterances
from velluto.engines.cloner.voice import Voice

PASSAGE = (
    "My voice is my own, and I would like to keep it that way for many years. "
    "Yesterday the judge took a huge pleasure in watching that old church near the river bank. "
    "Could you bring five or six boxes of fresh oranges, some cheese, and a bottle of good white wine? "
    "Nobody thought that the weather would change, but both of them were loud enough to join us. "
    "She measured the garage door, and then she put her warm blue jacket on the chair by the window."
)
CURIOUS = [
    "Hi",
    "a",
    "7",
    'Dr. Smith paid $5.20 on 3/4/2021 at 10:45 p.m. — "wow"!',
    "line one\nline two\r\n\tline three",
    "“quoted” ‘words’ «here» …",
    "good 😀 morning 👩‍👩‍👧 everyone",
    "<b>bold</b> & [[brackets]] {braces} \\ | ~",
    "e-mail me@example.org or https://example.org/?q=1&r=2#x",
    "naïve café coöperate façade Ångström",
    "日本語 и русский العربية",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "\u202eright to left\u202c \u200bzero width\ufeff",
    "ICBM, NASA, e.g. etc. No. 5, 1,234,567.89 km/h",
]


def record(voice):
    """Return the passage as read by a made-up speaker, at the rate recordings are kept at."""
    return espeak.say(PASSAGE, voice, rate=160).at(RATE)


@pytest.fixture(scope="module")
def cloner():
    return ExemplarCloner()


@pytest.fixture(scope="module")
def recording():
    return record("en-us+f2")


@pytest.fixture(scope="module")
def artefact(cloner, recording):
    return cloner.enrol([recording])


def colour(audio):
    """Return the mean envelope of the loud frames, loudness left out: what a voice sounds like, roughly."""
    cepstra = analyse(audio.samples.astype(np.float64)[: 10 * RATE]).cepstra
    return cepstra[cepstra[:, 0] > np.percentile(cepstra[:, 0], 50), 1:].mean(0)


def height(audio):
    pitch = analyse(audio.samples.astype(np.float64)[: 10 * RATE]).pitch
    return float(np.median(pitch[pitch > 0]))


def test_a_clone_sounds_more_like_its_speaker_than_like_another(cloner, recording, artefact):
    clone = cloner.speak(artefact, "Please call me back when the small red book arrives.")
    other = record("en-us+m3")

    assert np.linalg.norm(colour(clone) - colour(recording)) < np.linalg.norm(colour(clone) - colour(other))
    assert abs(np.log(height(clone) / height(recording))) < abs(np.log(height(clone) / height(other)))


def test_a_clone_lies_nearer_to_its_speaker_than_the_voice_that_reads_to_it(cloner, recording, artefact):
    sentence = "Please call me back when the small red book arrives."
    clone, reader_itself = cloner.speak(artefact, sentence), espeak.say(sentence, "en-us").at(RATE)

    distance = [np.linalg.norm(colour(audio) - colour(recording)) for audio in (clone, reader_itself)]

    assert distance[0] < 0.85 * distance[1]  # .70 to .75 by eSpeak's tremor


@pytest.mark.parametrize("text", CURIOUS)
def test_whatever_a_person_types_is_spoken(cloner, artefact, text):
    sound = cloner.speak(artefact, text)

    assert sound.rate == cloner.rate
    assert sound.seconds > 0.1
    assert np.isfinite(sound.samples).all()
    assert 0.1 < np.abs(sound.samples).max() < 0.95


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "😀", "!?…", "--- *** ---", "\u200b"])
def test_a_text_with_nothing_to_say_is_refused_by_name(cloner, artefact, text):
    with pytest.raises(espeak.NothingToSay):
        cloner.speak(artefact, text)


def test_a_clip_starts_and_ends_in_silence_without_a_click(cloner, artefact):
    samples = cloner.speak(artefact, "Both ends are quiet.").samples

    assert abs(samples[0]) < 1e-3 and abs(samples[-1]) < 1e-3
    assert np.abs(np.diff(samples)).max() < 0.5


def test_pace_stretches_and_shortens(cloner, artefact):
    text = "This sentence is read at three different speeds."
    slow, plain, fast = (cloner.speak(artefact, text, pace=pace).seconds for pace in (0.5, 1.0, 2.0))

    assert slow == pytest.approx(2 * plain, rel=0.15)
    assert fast == pytest.approx(plain / 2, rel=0.15)


@pytest.mark.parametrize("pace", [0.4, 2.1, float("nan")])
def test_a_pace_out_of_range_is_refused(cloner, artefact, pace):
    with pytest.raises(ValueError, match="pace"):
        cloner.speak(artefact, "Too fast or too slow.", pace=pace)


@pytest.mark.parametrize(
    ("language", "text"), [("de-AT", "Schöne Grüße"), ("fr", "Il fait froid."), ("zh", "你好"), ("ar", "مرحبا")]
)
def test_other_languages_are_spoken_with_the_same_voice(cloner, artefact, language, text):
    assert cloner.speak(artefact, text, language=language).seconds > 0.3


def test_a_language_nobody_speaks_is_refused_by_name(cloner, artefact):
    with pytest.raises(UnsupportedLanguage):
        cloner.speak(artefact, "Hello", language="tlh")


def test_every_language_offered_has_a_reader_whose_phones_are_known():
    for language in LANGUAGES:
        _, phones = espeak.say_with_phones("12 345", voice_for(language))
        names = [phone.ipa for phone in phones if phone.ipa.strip("ˈˌː ")]
        unknown = [name for name in names if not from_ipa(name) and name != "ʲ"]
        assert names and not unknown, (language, unknown)


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("ˈaɪ", ("AY",)),
        ("tʃ", ("CH",)),
        ("ʃ", ("SH",)),
        ("ç", ("SH",)),
        ("ɔ̃", ("AO",)),
        ("tʰ", ("T",)),
        ("ts", ("T", "S")),
    ],
)
def test_ipa_goes_to_the_nearest_phone(ipa, phones):
    assert from_ipa(ipa) == phones


def test_a_name_without_a_symbol_is_silence_and_a_lone_mark_is_nothing():
    assert from_ipa("") == from_ipa("ˈ") == from_ipa("_:") == (SILENCE,)
    assert from_ipa("ʲ") == ()


def test_every_phone_has_a_class_and_a_stand_in():
    assert set(SUBSTITUTES) == set(PHONES) - {SILENCE}
    assert {other for others in SUBSTITUTES.values() for other in others} <= set(CLASSES)


@pytest.mark.parametrize(
    "samples",
    [
        np.zeros(40 * RATE, dtype=np.float32),
        (0.05 * np.random.default_rng(1).standard_normal(15 * RATE)).astype(np.float32),
        np.zeros(0, dtype=np.float32),
    ],
    ids=["silence", "noise", "nothing"],
)
def test_sound_without_speech_makes_no_voice(samples):
    with pytest.raises(TooLittleSpeech):
        measure([Audio(samples, RATE)])


def test_no_recording_makes_no_voice():
    with pytest.raises(TooLittleSpeech):
        measure([])


def test_five_seconds_of_speech_are_too_little(recording):
    with pytest.raises(TooLittleSpeech):
        measure([recording.cut(0, 5)])


def test_an_artefact_of_another_engine_or_version_is_refused(cloner, artefact):
    for foreign in (
        VoiceArtefact(artefact.data, "another", cloner.version),
        VoiceArtefact(artefact.data, cloner.name, "0"),
    ):
        with pytest.raises(ForeignArtefact):
            cloner.speak(foreign, "Hello")


@pytest.mark.parametrize("data", [b"", b"garbage", pickle.dumps({"format": 1}), b"PK\x03\x04 but not really"])
def test_bytes_that_are_no_voice_are_refused_by_name(cloner, data):
    with pytest.raises(ForeignArtefact):
        cloner.speak(VoiceArtefact(data, cloner.name, cloner.version), "Hello")


def test_an_archive_with_pickled_objects_is_refused(cloner):
    buffer = io.BytesIO()
    np.savez(buffer, format=np.array([{"an": "object"}], dtype=object))

    with pytest.raises(ForeignArtefact):
        cloner.speak(VoiceArtefact(buffer.getvalue(), cloner.name, cloner.version), "Hello")


def test_a_truncated_artefact_is_refused(cloner, artefact):
    with pytest.raises(ForeignArtefact):
        cloner.speak(VoiceArtefact(artefact.data[: len(artefact.data) // 2], cloner.name, cloner.version), "Hello")


def test_a_voice_survives_its_bytes(artefact):
    voice = Voice.unpack(artefact.data)

    assert voice.pack() == artefact.data


def test_a_long_recording_is_cut_at_its_pauses(recording):
    pieces = utterances(recording.samples.astype(np.float64))

    assert np.array_equal(np.concatenate(pieces), recording.samples)
    assert len(pieces) >= 3
    assert all(2 < len(piece) / RATE < 13 for piece in pieces)
    edges = np.array([np.abs(piece[:160]).max() for piece in pieces[1:]])
    assert edges.max() < 0.05 * np.abs(recording.samples).max()


def test_speech_without_pauses_is_cut_all_the_same():
    hum = np.sin(2 * np.pi * 150 * np.arange(40 * RATE) / RATE)

    assert max(len(piece) for piece in utterances(hum)) <= 12.1 * RATE


def test_grains_laid_where_they_came_from_give_the_sound_back(recording):
    samples = recording.cut(0, 3).samples.astype(np.float64)
    pitch = analyse(samples).pitch
    frames = len(samples) // FRAME
    positions = np.arange(frames, dtype=np.float64)

    marks = psola.mark(samples, pitch)
    again = psola.overlap_add(samples, marks, positions, pitch[:frames], np.zeros((frames, 513)))

    before, after = analyse(samples), analyse(again)
    loud = before.cepstra[:frames, 0] > np.median(before.cepstra[:, 0])
    assert height(Audio(again.astype(np.float32), RATE)) == pytest.approx(np.median(pitch[pitch > 0]), rel=0.04)
    difference = np.abs(before.cepstra[:frames] - after.cepstra[:frames])[loud]
    assert difference.mean() < 0.25 * before.cepstra[:frames][loud].std(0).mean()


def test_the_kept_statistics_of_the_reader_are_what_is_measured_now():
    kept, measured = reader.statistics(), reader.measure()

    often = kept.count > 40
    assert np.abs(kept.count - measured.count).max() <= 0.03 * kept.count.max()
    assert np.abs(kept.mean - measured.mean)[often].max() < 0.1 * kept.width.max()
    assert np.abs(np.log(kept.width / measured.width)).max() < 0.1


def test_a_change_of_one_cepstrum_is_a_change_of_log_amplitude():
    basis = log_amplitude_basis()

    assert basis.shape[1] == 513
    assert np.ptp(basis[0]) == pytest.approx(0, abs=1e-6)  # the first one is loudness, the same at every frequency
