"""How the vault says no."""

from velluto.errors import Refusal


class VaultError(Refusal):
    """Something cannot be taken out of the vault or put into it."""

    code = "vault_error"
    status = 500
    message = "This cannot be read or kept."


class KeyDestroyed(VaultError):
    code = "vault_key_destroyed"
    status = 410
    message = "This was destroyed and cannot be brought back."


class Tampered(VaultError):
    code = "vault_tampered"
    message = "What is stored is not what was put there."
    next_step = "Tell the operator: a copy may have to be restored."


class ObjectMissing(VaultError):
    code = "vault_missing"
    status = 404
    message = "There is nothing of that name."


class WrongContext(VaultError):
    code = "vault_context"
    status = 404
    message = "This belongs to another owner or purpose."
