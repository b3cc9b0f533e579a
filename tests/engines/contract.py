"""What every adapter of a capability keeps, whatever is inside it: suites for adapters to inherit."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from synthesis.screening import CATEGORIES
from tests.engines.voices import join, noise, pause, read_aloud
from velluto.audio.signal import SPEECH_RATE, Audio
from velluto.engines.base import (
    ForeignArtefact,
    ScriptScreener,
    Slot,
    SpeakerEncoder,
    TooLittleSpeech,
    Transcriber,
    VoiceActivityDetector,
)

SENTENCE = "The old harbour was quiet in the morning, and the boats lay still beside the stone wall."


class SpeakerEncoderContract:
    encoder: SpeakerEncoder

    def test_a_voiceprint_has_unit_length_and_says_who_made_it(self) -> None:
        voiceprint = self.encoder.embed(read_aloud(SENTENCE))
        assert voiceprint.vector.dtype == np.float32
        assert voiceprint.vector.ndim == 1
        assert np.linalg.norm(voiceprint.vector) == pytest.approx(1, abs=1e-5)
        assert (voiceprint.engine, voiceprint.version) == (self.encoder.name, self.encoder.version)

    def test_the_same_recording_gives_the_same_voiceprint(self) -> None:
        audio = read_aloud(SENTENCE)
        assert self.encoder.embed(audio).similarity(self.encoder.embed(audio)) == pytest.approx(1, abs=1e-6)

    def test_the_sample_rate_of_a_recording_hardly_matters(self) -> None:
        audio = read_aloud(SENTENCE)
        assert self.encoder.embed(audio).similarity(self.encoder.embed(audio.at(48_000))) > 0.98

    def test_a_voice_is_nearer_to_itself_than_to_another(self) -> None:
        first = self.encoder.embed(read_aloud(SENTENCE, "en-us+f2"))
        again = self.encoder.embed(read_aloud("Seven yellow lanterns hung above the market square.", "en-us+f2"))
        other = self.encoder.embed(read_aloud("Seven yellow lanterns hung above the market square.", "en-us+m3"))
        assert first.similarity(again) > first.similarity(other) + 0.1

    @pytest.mark.parametrize("audio", [pause(5), noise(5), pause(0)], ids=["silence", "noise", "nothing"])
    def test_sound_without_speech_has_no_voiceprint(self, audio: Audio) -> None:
        with pytest.raises(TooLittleSpeech):
            self.encoder.embed(audio)

    def test_a_single_short_word_has_no_voiceprint(self) -> None:
        with pytest.raises(TooLittleSpeech):
            self.encoder.embed(read_aloud("Yes."))

    def test_voiceprints_of_another_version_are_not_compared(self) -> None:
        voiceprint = self.encoder.embed(read_aloud(SENTENCE))
        with pytest.raises(ForeignArtefact):
            voiceprint.similarity(dataclasses.replace(voiceprint, version="other"))


class VoiceActivityContract:
    detector: VoiceActivityDetector

    @pytest.mark.parametrize("audio", [pause(4), noise(4), pause(0)], ids=["silence", "noise", "nothing"])
    def test_nobody_speaks_in_silence_or_noise(self, audio: Audio) -> None:
        assert self.detector.speech(audio).spans == ()

    @pytest.mark.parametrize("rate", [SPEECH_RATE, 48_000])
    def test_speech_is_found_where_it_is(self, rate: int) -> None:
        spoken = read_aloud(SENTENCE)
        found = self.detector.speech(join(pause(2), spoken, pause(2)).at(rate))
        assert found.spans[0].start == pytest.approx(2, abs=0.3)
        assert found.spans[-1].end == pytest.approx(2 + spoken.seconds, abs=0.5)
        assert (found.engine, found.version) == (self.detector.name, self.detector.version)

    def test_stretches_are_in_order_and_do_not_overlap(self) -> None:
        audio = join(read_aloud(SENTENCE), pause(1.5), read_aloud(SENTENCE, "en-us+m3"), pause(1))
        found = self.detector.speech(audio)
        assert len(found.spans) >= 2
        times = [time for span in found.spans for time in (span.start, span.end)]
        assert times == sorted(times)
        assert times[0] >= 0
        assert times[-1] <= audio.seconds
        assert found.seconds < audio.seconds - 2


class TranscriberContract:
    transcriber: Transcriber

    def test_each_word_read_aloud_is_heard_in_its_place(self) -> None:
        reading = self.transcriber.read(read_aloud("balloon, kingdom, spider."), slots("balloon", "kingdom", "spider"))
        assert reading.heard == ("balloon", "kingdom", "spider")
        assert reading.right == (True, True, True)
        assert reading.share == 1
        assert (reading.engine, reading.version) == (self.transcriber.name, self.transcriber.version)

    def test_another_word_is_told_from_the_expected_one(self) -> None:
        reading = self.transcriber.read(read_aloud("balloon, volcano, spider."), slots("balloon", "kingdom", "spider"))
        assert reading.heard == ("balloon", "volcano", "spider")
        assert reading.right == (True, False, True)

    def test_words_in_another_order_are_not_right(self) -> None:
        reading = self.transcriber.read(read_aloud("spider, balloon, kingdom."), slots("balloon", "kingdom", "spider"))
        assert sum(reading.right) <= 1

    @pytest.mark.parametrize("text", ["Um, balloon, kingdom, spider.", "Okay, so: balloon, kingdom, spider. Done."])
    def test_what_is_said_around_the_words_costs_none_of_them(self, text: str) -> None:
        reading = self.transcriber.read(read_aloud(text), slots("balloon", "kingdom", "spider"))
        assert reading.heard == ("balloon", "kingdom", "spider")

    def test_a_slot_may_be_read_in_several_ways(self) -> None:
        date = Slot("twenty first", ("second", "thirtieth", "twelve"), readings=("twenty one",))
        assert self.transcriber.read(read_aloud("twenty one balloons"), [date, Slot("balloons")]).right == (True, True)
        assert self.transcriber.read(read_aloud("twelve balloons"), [date, Slot("balloons")]).right == (False, True)

    def test_an_optional_slot_may_be_left_out(self) -> None:
        expected = [Slot("the", optional=True), *slots("kingdom", "spider")]
        assert self.transcriber.read(read_aloud("kingdom, spider"), expected).heard == (None, "kingdom", "spider")

    def test_one_of_two_routes_is_taken(self) -> None:
        day, month = Slot("ninth", ("third", "tenth")), Slot("august", ("march", "june"))
        routes = [
            *(dataclasses.replace(slot, route="day first") for slot in (day, month)),
            *(dataclasses.replace(slot, route="month first") for slot in (month, day)),
        ]
        expected = [*routes, Slot("balloon", ("kingdom",))]
        assert self.transcriber.read(read_aloud("august, ninth, balloon"), expected).heard == (
            None,
            None,
            "august",
            "ninth",
            "balloon",
        )

    def test_a_name_that_no_dictionary_lists_is_heard(self) -> None:
        expected = [Slot("zyxander", ("balloon", "kingdom", "thomas", "patricia")), *slots("spider")]
        readings = [read_aloud("Zyxander, spider", rate=rate) for rate in (130, 150, 170)]
        # The voice that reads trembles, so a reading may be misheard.
        assert any(self.transcriber.read(reading, expected).right == (True, True) for reading in readings)

    def test_a_distractor_that_sounds_like_the_expected_word_counts_as_nothing(self) -> None:
        reading = self.transcriber.read(read_aloud("Jon, spider"), [Slot("jon", ("john", "kate")), Slot("spider")])
        assert reading.heard == ("jon", "spider")

    @pytest.mark.parametrize("audio", [pause(3), pause(0)], ids=["silence", "nothing"])
    def test_nothing_is_heard_where_nothing_is_said(self, audio: Audio) -> None:
        reading = self.transcriber.read(audio, slots("balloon", "kingdom", "spider"))
        assert reading.heard == (None, None, None)
        assert reading.share == 0

    def test_what_was_heard_before_changes_nothing(self) -> None:
        audio, expected = read_aloud("balloon, volcano, spider."), slots("balloon", "kingdom", "spider")
        alone = self.transcriber.read(audio, expected)
        self.transcriber.read(noise(3), slots("kingdom"))
        assert self.transcriber.read(audio, expected) == alone


def slots(*words: str) -> list[Slot]:
    """Return a slot a word, among words that are not expected."""
    others = ("umbrella", "carnival", "potato", "volcano", "triangle", "mushroom", "october", "saxophone")
    return [Slot(word, others) for word in words]


class ScreenerContract:
    """A screener that knows `THREAT` for a threat and `RECIPE` for none."""

    screener: ScriptScreener
    THREAT = "If you go to the police, I will break your legs."
    RECIPE = "Preheat the oven, butter the tin, and fold the eggs in gently."

    def total(self, text: str) -> float:
        return sum(self.screener.screen(text).scores.values())

    def test_it_says_how_likely_each_category_is_and_who_says_so(self) -> None:
        found = self.screener.screen(self.THREAT)
        assert set(found.scores) <= set(CATEGORIES)
        assert all(0 <= score <= 1 for score in found.scores.values())
        assert (found.engine, found.version) == (self.screener.name, self.screener.version)
        assert self.screener.screen(self.THREAT) == found

    def test_a_threat_is_likelier_forbidden_than_a_recipe(self) -> None:
        found = self.screener.screen(self.THREAT)
        assert max(found.scores, key=lambda code: found.scores[code]) == "harassment_threat"
        assert self.total(self.THREAT) > self.total(self.RECIPE) + 0.3

    def test_what_it_points_at_lies_in_the_text_and_holds_the_threat(self) -> None:
        text = " ".join([self.RECIPE] * 30 + [self.THREAT] + [self.RECIPE] * 30)
        found = self.screener.screen(text)
        assert self.total(text) > self.total(" ".join([self.RECIPE] * 60))
        assert all(0 <= passage.start < passage.end <= len(text) for passage in found.passages)
        assert self.THREAT in " ".join(text[passage.start : passage.end] for passage in found.passages)

    @pytest.mark.parametrize("text", ["!", "1", "…", "漢字", "\n"])
    def test_what_has_no_words_is_screened_too(self, text: str) -> None:
        assert 0 <= self.total(text) <= 1.001
