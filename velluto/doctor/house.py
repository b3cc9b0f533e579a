"""The machine and what was told to it: Python, packages, disk, storage, mail, address."""

from __future__ import annotations

import os
import re
import smtplib
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.mail import get_connection
from django.db import DatabaseError

from velluto import space
from velluto.doctor.findings import Finding, fail, ok, warn
from velluto.vault.models import VaultObject

MB = 2**20
PLENTY = 1024 * MB
SEEN = 200  # objects of the vault whose files are looked for, the newest first


def python() -> Iterator[Finding]:
    running = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] == (3, 11):
        yield ok("python", f"Python {running}.")
    else:
        yield fail("python", f"Python {running} runs; Velluto is made for 3.11.", "Install python3.11; make install.")


def packages() -> Iterator[Finding]:
    wrong = []
    for line in (Path(settings.BASE_DIR) / "requirements.txt").read_text().splitlines():
        if pin := re.match(r"([A-Za-z0-9_.-]+)==([^\s;]+)", line):
            try:
                found = version(pin[1]).partition("+")[0]
            except PackageNotFoundError:
                found = "missing"
            if found != pin[2]:
                wrong.append(f"{pin[1]} ({found}, not {pin[2]})")
    if any("(missing" in one for one in wrong):
        yield fail("packages", f"Packages are missing or of another version: {', '.join(wrong)}.", "Run make install.")
    elif wrong:
        yield warn("packages", f"Packages are of another version: {', '.join(wrong)}.", "Run make install.")
    else:
        yield ok("packages", "All packages are there, in the pinned versions.")


def disk() -> Iterator[Finding]:
    free = space.room()
    if free < space.FLOOR:
        sentence = f"{free // MB} MB are free: recordings and outputs are refused (storage_full)."
        yield fail("disk", sentence, f"Make room on the disk of {settings.DATA_DIR}.")
    elif free < PLENTY:
        yield warn("disk", f"Only {free // MB} MB are free.", f"Make room on the disk of {settings.DATA_DIR}.")
    else:
        yield ok("disk", f"{free // MB:,} MB are free.")
    if not space.reserve().exists():
        mend = "Start the worker where there is room: it makes the reserve within a minute."
        yield warn("reserve", "There is no reserve for withdrawals on a full disk.", mend)


def storage() -> Iterator[Finding]:
    vault, name, content = storages["vault"], f"doctor/{uuid4().hex}", os.urandom(64)
    try:
        stored = vault.save(name, ContentFile(content))
        with vault.open(stored) as file:
            same = file.read() == content
        vault.delete(stored)
    except Exception as error:
        mend = "Let the user Velluto runs as write there, or mend the address and access of the bucket."
        yield fail("storage", f"The vault's storage cannot be written and read ({type(error).__name__}).", mend)
        return
    if not same:
        yield fail("storage", "The vault's storage gives back other bytes than it got.", "Replace the disk or bucket.")
        return
    try:
        names = list(VaultObject.objects.order_by("-created_at").values_list("name", flat=True)[:SEEN])
    except DatabaseError:
        names = []  # that is another examination's to say
    if missing := sum(not vault.exists(name) for name in names):
        mend = "Mount the right folder, or put the files back (manage.py restore)."
        yield fail("storage", f"{missing} of the newest {len(names)} files of the vault are missing.", mend)
    else:
        yield ok("storage", "The vault's storage can be written and read, and the newest files are there.")


def mail() -> Iterator[Finding]:
    if not settings.EMAIL_BACKEND.endswith("smtp.EmailBackend"):
        kind = settings.EMAIL_BACKEND.rsplit(".", 2)[-2]
        if settings.DEBUG:
            yield ok("mail", f"Mails go to “{kind}”, as in development.")
        else:
            yield warn("mail", f"Mails go to “{kind}”: nobody gets one.", "Set EMAIL_URL to your mail server.")
        return
    try:
        connection = get_connection(fail_silently=False, timeout=5)
        connection.open()
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        sentence = (
            f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} does not answer ({type(error).__name__})."
        )
        yield fail("mail", sentence, "Mend EMAIL_URL, or start the mail server.")
    else:
        yield ok("mail", "The mail server answers.")


def address() -> Iterator[Finding]:
    url = settings.PUBLIC_URL
    host = re.sub(r"^\w+://|[:/].*$", "", url)
    if url.startswith("https://") or host in ("localhost", "127.0.0.1"):
        yield ok("address", f"Browsers give the microphone to {url}.")
    else:
        mend = "Put a proxy with a certificate in front, and https:// into VELLUTO_PUBLIC_URL."
        yield fail("address", f"Browsers give no microphone to {url}: it is neither https nor localhost.", mend)
    if not settings.DEBUG and host not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        yield fail("address", f"ALLOWED_HOSTS lacks {host}: every page answers 400.", f"Add {host} to ALLOWED_HOSTS.")


EXAMINATIONS = (python, packages, disk, storage, mail, address)
