"""Where the databases of the tests are, for processes that a test starts."""

from __future__ import annotations

from urllib.parse import quote

from django.db import connections


def address(alias: str) -> str:
    """Return the URL of a test database; its host may be a folder, where the server listens on a socket."""
    where = connections[alias].settings_dict
    if connections[alias].vendor == "sqlite":
        return f"sqlite:///{where['NAME']}"
    login = quote(where["USER"], safe="") + (f":{quote(where['PASSWORD'], safe='')}" if where["PASSWORD"] else "")
    port = f":{where['PORT']}" if where["PORT"] else ""
    return f"postgres://{login}@{quote(where['HOST'], safe='')}{port}/{where['NAME']}"
