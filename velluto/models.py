"""The kernel's tables, each defined beside the code that owns it."""

from velluto.audit.models import AuditCheckpoint, AuditEvent, AuditHead
from velluto.jobs.models import Job
from velluto.vault.models import DataKey, VaultObject

__all__ = ["AuditCheckpoint", "AuditEvent", "AuditHead", "DataKey", "Job", "VaultObject"]
