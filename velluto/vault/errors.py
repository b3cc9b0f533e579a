"""How the vault says no."""

from velluto.errors import Refusal


class VaultError(Refusal):
    """Something cannot be taken out of the vault or put into it."""

    code = "vault_error"
    status = 500
    message = "This cannot be read or kept."
    next_step = "Try once more; if it stays so, tell the operator."


class KeyDestroyed(VaultError):
    code = "vault_key_destroyed"
    status = 410
    message = "This was destroyed and cannot be brought back."
    next_step = "Nothing can be done: that nobody can read it any more is the purpose."


class Tampered(VaultError):
    code = "vault_tampered"
    message = "What is stored is not what was put there."
    next_step = "Tell the operator: a copy may have to be restored."


class ObjectMissing(VaultError):
    code = "vault_missing"
    status = 404
    message = "There is nothing of that name."
    next_step = "Load the page again: it may have been deleted."


class WrongContext(VaultError):
    code = "vault_context"
    status = 404
    message = "This belongs to another owner or purpose."
    next_step = "Load the page again and start from there."
