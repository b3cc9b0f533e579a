"""The built-in voice cloner.

A text goes through `text` (made readable), `source` (eSpeak NG's reading, analysed), `mapping` (its envelope moved to
the speaker), `selection` (the speaker's half phones nearest to that) and `rendering` (mix, pitch and filtered PSOLA).
A speaker goes through `splitting`, `analysis`, `alignment`, `enrolment` and `calibration` into a `voice`.
"""

from velluto.engines.cloner.engine import ExemplarCloner

__all__ = ["ExemplarCloner"]
