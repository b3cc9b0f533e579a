"""How speaking and detecting say no. Every code is stable and documented in docs/errors.md."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from synthesis.screening import SECTION, Verdict
from velluto.errors import Refusal
from voices.refusals import VoiceUnknown as VoiceUnknown


class ScriptEmpty(Refusal):
    code = "script_empty"
    message = "There is nothing to say in this text."
    next_step = "Write at least one word."


class ScriptTooLong(Refusal):
    code = "script_too_long"
    message = "The text has {characters} characters; at most {most} are taken."
    next_step = "Shorten it, or have it spoken in parts."


class SpeechExists(Refusal):
    code = "speech_exists"
    status = 409
    message = "There is another request under this id."
    next_step = "Load the page again, or take another id; nothing was spent."


class ScriptBlocked(Refusal):
    """Carries the verdict, so that the page can show the passages, and the record by which it can be questioned."""

    code = "script_blocked"
    message = "This text was not taken: it looks like {label}. {reason} Policy section {section}."
    next_step = "Change the marked passage, or ask a person to look at it. Nothing was spent."

    def __init__(self, verdict: Verdict, screening: UUID) -> None:
        self.verdict, self.screening = verdict, screening
        category = verdict.category
        assert category is not None
        super().__init__(label=category.label, reason=category.reason, section=SECTION)

    def as_dict(self) -> dict[str, Any]:
        passages = [[passage.start, passage.end] for passage in self.verdict.passages]
        known = {"category": self.values["label"], "passages": passages, "screening": str(self.screening)}
        return {**super().as_dict(), **known}


class BlockGone(Refusal):
    code = "block_gone"
    status = 410
    message = "The time to question this is over, and the text is not kept any more."
    next_step = "Write the text again; where it is blocked again, you can question that."


class ObjectionUsed(Refusal):
    code = "objection_used"
    status = 409
    message = "You have questioned this before, or a person has looked at it already."
    next_step = "Open the page again to see where it stands."


class ScreeningFailed(Refusal):
    code = "screening_failed"
    status = 503
    message = "The text could not be checked, so it was not taken."
    next_step = "Try once more in a few minutes; nothing was spent."


class ScriptRefused(Refusal):
    code = "script_refused"
    message = "A person has read the text and decided that it may not be spoken."
    next_step = "The e-mail we sent you gives the reason and how to appeal. Your credits were returned."


class LanguageUnknown(Refusal):
    code = "language_unknown"
    message = "This language is not spoken here."
    next_step = "Choose one of the languages in the list."


class PaceRefused(Refusal):
    code = "pace_refused"
    message = "The pace must lie between {least} and {most}."
    next_step = "Choose 1 for the speaker's own pace."


class FormatUnknown(Refusal):
    code = "format_unknown"
    message = "This file format is not made here."
    next_step = "Choose one of the formats in the list."


class AlreadyFinished(Refusal):
    code = "speech_finished"
    status = 409
    message = "This is finished already."
    next_step = "Reload the page to see how it ended."


class OutputDeleted(Refusal):
    code = "output_deleted"
    status = 410
    message = "The time to download this sound is over."
    next_step = "A copy that you downloaded before stays yours. Make another with a voice whose consent is in force."


class MarkNotRecoverable(Refusal):
    code = "mark_not_recoverable"
    message = "The watermark could not be read back from the finished sound, so it was not released."
    next_step = "Try once more, or make the text a little longer. Your credits were returned."


class SpeechFailed(Refusal):
    code = "speech_failed"
    message = "The speech could not be made. That is our fault."
    next_step = "Try once more; your credits were returned."


class DetectionsTooMany(Refusal):
    code = "too_many_detections"
    status = 429
    message = "Too many questions came from your address."
    next_step = "Wait an hour, then ask again."
