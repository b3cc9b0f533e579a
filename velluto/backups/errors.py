"""How backup and restore say no: to the operator, in a sentence that names the next step."""


class BackupError(RuntimeError):
    """A copy cannot be made or used; nothing was changed unless the sentence says so."""
