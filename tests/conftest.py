"""What every test stands on: files of its own, databases that threads can share, an audit that can be emptied after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test import override_settings

from consent.models import Attestation
from velluto.audit import triggers

WRITTEN_BY_MIGRATIONS = (
    ("accounts.migrations.0002_roles", "make_roles"),
    ("accounts.migrations.0004_who_reads_the_audit", "let_them_read"),
    ("moderation.migrations.0002_policy_of_2026_06_04", "publish"),
    ("moderation.migrations.0003_roles_at_the_queue", "open_the_queue"),
    ("moderation.migrations.0005_who_is_the_second_person", "name_the_second_person"),
    ("accounts.migrations.0006_who_reads_sanctions", "show_sanctions"),
    ("takedowns.migrations.0003_who_reads_endings", "show_endings"),
    ("takedowns.migrations.0005_who_reads_deadlines", "show_deadlines"),
    ("takedowns.migrations.0007_who_reads_owners_requests", "show_requests"),
    ("takedowns.migrations.0009_who_answers_and_demands", "staff_the_legal_desk"),
    ("takedowns.migrations.0015_who_reads_privacy", "show_privacy"),
    ("moderation.migrations.0008_roles_at_the_desk", "staff_the_desk"),
    ("synthesis.migrations.0004_screenings_are_looked_at", "show_the_screenings"),
    ("moderation.migrations.0010_custodians_keep_the_no_go_list", "name_the_custodians"),
    ("voices.migrations.0004_who_publishes", "let_them_publish"),
    ("moderation.migrations.0013_who_sees_reports", "show_reports"),
    ("synthesis.migrations.0010_who_freezes", "name_them"),
    ("consent.migrations.0002_texts_of_2026_06_04", "publish"),
    ("consent.migrations.0004_what_a_voice_owner_is_told", "publish"),
    ("consent.migrations.0006_who_reads_documents", "show_documents"),
    ("consent.migrations.0008_who_sees_violations", "show_violations"),
    ("takedowns.migrations.0011_statements_of_2026_06_04", "publish"),
    ("takedowns.migrations.0012_who_reads_notices", "show_notices"),
)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Put SQLite's test databases into files: those in memory know no waiting, and threads would fail on each other."""
    folder = tmp_path_factory.mktemp("databases")
    for alias in connections:
        if connections[alias].vendor == "sqlite":
            connections[alias].settings_dict["TEST"]["NAME"] = str(folder / f"{alias}.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def files_apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what tests store out of the data of the house."""
    folder = tmp_path_factory.mktemp("data")
    storages = {
        alias: {**storage, "OPTIONS": {**storage["OPTIONS"], "location": folder / alias}}
        if alias in {"default", "vault"}
        else storage
        for alias, storage in django_settings.STORAGES.items()
    }
    with override_settings(DATA_DIR=folder, STORAGES=storages, AUDIT_CHECKPOINT_DIR=folder / "checkpoints"):
        yield folder


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hash passwords quickly: the slow hash is Django's, and no test is about it."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def triggers_let_the_flush_pass(request: pytest.FixtureRequest) -> Iterator[None]:
    """Take the audit's triggers away before a transactional test empties its tables; the flush puts them back."""
    marker = request.node.get_closest_marker("django_db")
    flushes = {"transactional_db", "live_server", "django_db_reset_sequences"} & set(request.fixturenames)
    if not flushes and not (marker and (marker.kwargs.get("transaction") or (marker.args and marker.args[0]))):
        yield
        return
    request.getfixturevalue("transactional_db")  # set up before this, so torn down, and flushed, after it
    yield
    triggers.remove(connection)


@pytest.fixture(autouse=True)
def what_migrations_wrote(request: pytest.FixtureRequest, triggers_let_the_flush_pass: None) -> None:
    """Write again what a flush took away with all else: the policy, the texts of the gate, the roles of staff."""
    uses = {"db", "transactional_db", "live_server"} & set(request.fixturenames)
    if not uses and not request.node.get_closest_marker("django_db"):
        return
    request.getfixturevalue("_django_db_helper")
    if Attestation.objects.exists():
        return
    for migration, function in WRITTEN_BY_MIGRATIONS:
        getattr(import_module(migration), function)(apps, None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud what was not tested here, and why: a line for each reason."""
    skipped = (report.longrepr for report in terminalreporter.stats.get("skipped", ()))
    reasons = Counter(where[2].removeprefix("Skipped: ") for where in skipped if isinstance(where, tuple))
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} skipped: {reason}", yellow=True, bold=True)
