"""The embedded screener: a lexicon, a linear model and small networks, learnt from the text in this folder."""

from velluto.engines.screener.engine import EmbeddedScreener

__all__ = ["EmbeddedScreener"]
