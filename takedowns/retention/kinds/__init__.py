"""All kinds of objects that Velluto keeps. What is in no line here is not kept."""

from takedowns.retention.kinds import accounts, decisions, house, notices, speech, voices

KINDS = (*voices.KINDS, *speech.KINDS, *accounts.KINDS, *decisions.KINDS, *notices.KINDS, *house.KINDS)
