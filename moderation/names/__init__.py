"""Compare names of people across spellings, scripts, order and short forms. Pure: strings in, numbers out."""

from moderation.names.index import NameIndex
from moderation.names.matching import SCORE_HELD, Name, compare, prepare, similarity

__all__ = ["SCORE_HELD", "Name", "NameIndex", "compare", "prepare", "similarity"]
