"""Voices that may never be cloned (section 3 of the policy): what is asked, what follows, and who tried."""
