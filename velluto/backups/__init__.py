"""Copies of an installation, and the way back from them. What was destroyed in between stays destroyed.

The data (database and encrypted files) and the wrapped keys are copied into two places, because together with a
key-encryption key they are everything; the secrets of the settings are never copied.
"""

from velluto.backups.errors import BackupError
from velluto.backups.making import backup
from velluto.backups.restoring import Restored, restore

__all__ = ["BackupError", "Restored", "backup", "restore"]
