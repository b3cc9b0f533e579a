"""The only writer of notices: `taking` takes them in, `claims` finds voices and holds them, `deciding` does what was
decided, `asking` and `countering` hear both sides, `referring` opens drafts for the police."""

from takedowns.notices.services.asking import answer, ask, go_on_without
from takedowns.notices.services.claims import acknowledge, examined, hold, keep_held, name_voice, take_up
from takedowns.notices.services.countering import counter
from takedowns.notices.services.deciding import bar, lift_bar, none_found, reject, reopen, reverse, uphold, withdraw
from takedowns.notices.services.forgetting import forget
from takedowns.notices.services.referring import draft, drop, made
from takedowns.notices.services.taking import confirm, forget_files, keep_file, take
from takedowns.notices.services.words import (
    details_of,
    file_bytes,
    looked_at,
    next_due,
    unsealed,
    voiceprint_of,
)

__all__ = [
    "acknowledge",
    "answer",
    "ask",
    "bar",
    "confirm",
    "counter",
    "details_of",
    "draft",
    "drop",
    "examined",
    "file_bytes",
    "forget",
    "forget_files",
    "go_on_without",
    "hold",
    "keep_file",
    "keep_held",
    "lift_bar",
    "looked_at",
    "made",
    "name_voice",
    "next_due",
    "none_found",
    "reject",
    "reopen",
    "reverse",
    "take",
    "take_up",
    "unsealed",
    "uphold",
    "voiceprint_of",
    "withdraw",
]
