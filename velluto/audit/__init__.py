"""The memory of the house: an append-only, hash-chained record of what was done, by whom and why.

`record` writes a row inside the transaction of the action itself: no audit row, no action. The rows hold ids, digests
and small facts, never a voice, a text or a name.
"""

from velluto.audit.chain import AuditBroken, OutsideTransaction, record
from velluto.audit.checkpoints import checkpoint
from velluto.audit.verification import Finding, Report, verify, verify_and_sign

__all__ = [
    "AuditBroken",
    "Finding",
    "OutsideTransaction",
    "Report",
    "checkpoint",
    "record",
    "verify",
    "verify_and_sign",
]
