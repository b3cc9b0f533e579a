"""A payload hidden in speech: written at the end of every synthesis, read by the detector and at intake."""

from velluto.engines.patchwork.engine import PatchworkWatermark

__all__ = ["PatchworkWatermark"]
