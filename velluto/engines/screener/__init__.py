"""The embedded screener of scripts: a lexicon of ideas and a linear model, learnt from the text in this folder."""

from velluto.engines.screener.engine import EmbeddedScreener

__all__ = ["EmbeddedScreener"]
