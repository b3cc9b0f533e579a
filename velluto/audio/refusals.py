"""Why a file is not accepted as sound: one class, one stable code, one sentence and one next step each."""

from __future__ import annotations

from velluto.errors import Refusal

ANOTHER_FILE = "Send it as WAV, FLAC, MP3, M4A, OGG or WebM."
RECORD_AGAIN = "Record it again or export it once more, and send the new file."


class AudioRefusal(Refusal):
    """The file is not accepted; nothing of it was kept."""

    code = "audio_refused"
    message = "This file cannot be used."
    next_step = RECORD_AGAIN


class AudioEmpty(AudioRefusal):
    code = "audio_empty"
    message = "This file holds no sound."


class AudioTooLarge(AudioRefusal):
    code = "audio_too_large"
    status = 413
    message = "This file is larger than {megabytes} MB."
    next_step = "Send a shorter recording, or the same one as MP3, M4A or OGG."


class AudioFormatUnknown(AudioRefusal):
    code = "audio_format_unknown"
    status = 415
    message = "This is not a sound file of a kind that we read."
    next_step = ANOTHER_FILE


class AudioCodecRefused(AudioRefusal):
    code = "audio_codec_refused"
    status = 415
    message = "The sound in this file is packed in a way that we do not read."
    next_step = ANOTHER_FILE


class AudioStreams(AudioRefusal):
    code = "audio_streams"
    message = "This file holds a film or more than one recording."
    next_step = "Send a file with one recording and no film."


class AudioRate(AudioRefusal):
    code = "audio_rate"
    message = "This recording's sample rate lies outside 8 to 192 kHz."
    next_step = "Export it at 16, 44.1 or 48 kHz, and send the new file."


class AudioChannels(AudioRefusal):
    code = "audio_channels"
    message = "This recording has more than two channels."
    next_step = "Export it in mono or stereo, and send the new file."


class AudioTooLong(AudioRefusal):
    code = "audio_too_long"
    message = "This recording is too long."
    next_step = "Send a shorter one."


class AudioBroken(AudioRefusal):
    code = "audio_broken"
    message = "This file is damaged or incomplete."


class AudioNotFinite(AudioRefusal):
    code = "audio_not_finite"
    message = "This recording holds values that are no numbers."


class AudioOverFullScale(AudioRefusal):
    code = "audio_over_full_scale"
    message = "This recording is far louder than a sound file can be: its values are in another unit."
    next_step = "Export it as 16-bit WAV, and send the new file."


class AudioDecoderLimit(AudioRefusal):
    code = "audio_decoder_limit"
    message = "Reading this file takes more memory or time than a recording needs."


# What the decoding child may say, by code.
REFUSALS: dict[str, type[AudioRefusal]] = {
    refusal.code: refusal
    for refusal in (
        AudioCodecRefused,
        AudioStreams,
        AudioRate,
        AudioChannels,
        AudioTooLong,
        AudioBroken,
        AudioNotFinite,
    )
}
