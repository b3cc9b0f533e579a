"""What the house keeps to run, and to prove what happened."""

from __future__ import annotations

from takedowns.retention.policies import Rule
from takedowns.retention.registry import Kind
from velluto.jobs import KEPT_DAYS

KINDS = (
    Kind(
        "jobs",
        "That a piece of work was done: ids, no content",
        "To repeat what failed, and to find out why.",
        Rule("it ended", days=KEPT_DAYS),
        tables="velluto.Job",
    ),
    Kind(
        "audit",
        "The audit: what happened, when, to which id. It holds no names, texts or voices",
        "To prove that what we say happened did happen. Rows in it cannot be changed or taken out.",
        Rule("As long as Velluto runs", ends=False),
        by="Kept",
        tables="velluto.AuditEvent velluto.AuditHead velluto.AuditCheckpoint",
    ),
    Kind(
        "certificates",
        "Certificates of destruction: ids and digests of what was destroyed",
        "To prove that it was.",
        Rule("As long as Velluto runs", ends=False),
        by="Kept",
        tables="takedowns.Destruction takedowns.Revocation takedowns.RevocationStep velluto.DataKey "
        "velluto.VaultObject",
    ),
    Kind(
        "backups",
        "Copies for the case that a disk fails",
        "So that nothing is lost that must not be.",
        Rule(
            "As long as the operator keeps them. What was destroyed cannot be read from them: its key is gone, and the "
            "copies do not hold it",
            ends=False,
        ),
        by="Deleted by the operator",
    ),
)
