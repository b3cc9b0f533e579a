"""How Velluto says no: a stable code for machines, a sentence and a next step for people."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """Something asked for cannot be done; nothing was changed.

    Subclasses set `code` (stable, documented), `status` (HTTP), `message` (one sentence) and `next_step` (what the
    person can do now). Values known only at run time are given to the constructor and fill the braces of both.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 422
    message: ClassVar[str] = "This cannot be done."
    next_step: ClassVar[str] = ""

    def __init__(self, **values: object) -> None:
        self.values = values
        self.sentence = self.message.format(**values)
        self.advice = self.next_step.format(**values)
        super().__init__(f"{self.sentence} {self.advice}".strip())

    def as_dict(self) -> dict[str, str]:
        return {"code": self.code, "message": self.sentence, "next_step": self.advice}
