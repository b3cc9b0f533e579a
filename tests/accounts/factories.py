"""People with accounts, made the way the house makes them."""

from __future__ import annotations

from datetime import date
from itertools import count

from accounts import services
from accounts.models import User

PASSWORD = "quiet velvet in the dark"
_numbers = count(1)


def make_user(email: str = "", *, staff: bool = False, superuser: bool = False, **fields: object) -> User:
    number = next(_numbers)
    return services.open_account(
        email=email or f"person{number}@example.org",
        password=PASSWORD,
        full_name=str(fields.pop("full_name", f"Person Number {number}")),
        born_on=date(1980, 5, 17),
        email_confirmed=True,
        is_staff=staff or superuser,
        is_superuser=superuser,
        **fields,
    )
