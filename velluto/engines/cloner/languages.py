"""The languages the cloner speaks: BCP 47 tags, their English names and eSpeak NG's voices for them."""

from __future__ import annotations

from velluto.engines.base import UnsupportedLanguage

# tag: (English name, eSpeak NG voice)
_VOICES = {
    "en": ("English", "en-us"), "en-US": ("English (United States)", "en-us"),
    "en-GB": ("English (United Kingdom)", "en"), "af": ("Afrikaans", "af"), "ar": ("Arabic", "ar"),
    "az": ("Azerbaijani", "az"), "be": ("Belarusian", "be"), "bg": ("Bulgarian", "bg"), "bn": ("Bengali", "bn"),
    "bs": ("Bosnian", "bs"), "ca": ("Catalan", "ca"), "cs": ("Czech", "cs"), "cy": ("Welsh", "cy"),
    "da": ("Danish", "da"), "de": ("German", "de"), "el": ("Greek", "el"), "eo": ("Esperanto", "eo"),
    "es": ("Spanish", "es"), "es-419": ("Spanish (Latin America)", "es-419"), "et": ("Estonian", "et"),
    "eu": ("Basque", "eu"), "fa": ("Persian", "fa"), "fi": ("Finnish", "fi"), "fr": ("French", "fr"),
    "ga": ("Irish", "ga"), "gu": ("Gujarati", "gu"), "he": ("Hebrew", "he"), "hi": ("Hindi", "hi"),
    "hr": ("Croatian", "hr"), "hu": ("Hungarian", "hu"), "hy": ("Armenian", "hy"), "id": ("Indonesian", "id"),
    "is": ("Icelandic", "is"), "it": ("Italian", "it"), "ja": ("Japanese", "ja"), "ka": ("Georgian", "ka"),
    "kk": ("Kazakh", "kk"), "kn": ("Kannada", "kn"), "ko": ("Korean", "ko"), "la": ("Latin", "la"),
    "lt": ("Lithuanian", "lt"), "lv": ("Latvian", "lv"), "mk": ("Macedonian", "mk"), "ml": ("Malayalam", "ml"),
    "mr": ("Marathi", "mr"), "ms": ("Malay", "ms"), "mt": ("Maltese", "mt"), "nb": ("Norwegian Bokmål", "nb"),
    "ne": ("Nepali", "ne"), "nl": ("Dutch", "nl"), "pa": ("Punjabi", "pa"), "pl": ("Polish", "pl"),
    "pt": ("Portuguese", "pt"), "pt-BR": ("Portuguese (Brazil)", "pt-br"), "ro": ("Romanian", "ro"),
    "ru": ("Russian", "ru"), "sk": ("Slovak", "sk"), "sl": ("Slovenian", "sl"), "sq": ("Albanian", "sq"),
    "sr": ("Serbian", "sr"), "sv": ("Swedish", "sv"), "sw": ("Swahili", "sw"), "ta": ("Tamil", "ta"),
    "te": ("Telugu", "te"), "tr": ("Turkish", "tr"), "uk": ("Ukrainian", "uk"), "ur": ("Urdu", "ur"),
    "vi": ("Vietnamese", "vi"), "zh": ("Chinese (Mandarin)", "cmn"), "yue": ("Chinese (Cantonese)", "yue"),
}  # fmt: skip

LANGUAGES: dict[str, str] = {tag: name for tag, (name, _) in _VOICES.items()}
_LOWER = {tag.lower(): voice for tag, (_, voice) in _VOICES.items()}


def voice_for(language: str) -> str:
    """Return eSpeak's voice for a BCP 47 tag, `de-AT` falling back to `de`; raise UnsupportedLanguage."""
    subtags = language.replace("_", "-").lower().split("-")
    while subtags:
        voice = _LOWER.get("-".join(subtags))
        if voice is not None:
            return voice
        subtags.pop()
    raise UnsupportedLanguage(f"The built-in voice does not speak {language!r}.")
