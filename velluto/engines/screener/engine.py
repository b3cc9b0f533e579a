from __future__ import annotations

import hashlib
from pathlib import Path

from velluto.engines.base import EngineError, Passage, Screening
from velluto.engines.screener.model import CATEGORIES, Model

WEIGHTS = Path(__file__).with_name("model.npz")


class EmbeddedScreener:
    """Screens in a few milliseconds of Python and numpy; knows English, German, French, Spanish and Russian."""

    name = "velluto-lines"

    def __init__(self, weights: str | Path = WEIGHTS) -> None:
        try:
            content = Path(weights).read_bytes()
        except OSError as error:
            raise EngineError("The screening model is missing: `manage.py train_screening` makes it.") from error
        self.version = f"2-{hashlib.sha256(content).hexdigest()[:12]}"
        self._model = Model.load(Path(weights))

    def screen(self, text: str) -> Screening:
        chances, passages, disguised = self._model.weigh(text)
        return Screening(
            scores={category: float(chance) for category, chance in zip(CATEGORIES, chances[1:], strict=True)},
            passages=tuple(Passage(*span) for span in passages),
            disguised=disguised,
            engine=self.name,
            version=self.version,
        )
