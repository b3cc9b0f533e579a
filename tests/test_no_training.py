"""No recording and no model reaches training or export (policy 5.5): whoever opens one stands in the list below.

Read from the source: a module that opens what is somebody's voice fails here until it is listed with its reason, and
nothing that learns or that carries data out of the house may reach a listed one, by whatever chain of imports.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
APPS = ("velluto", "accounts", "moderation", "voices", "consent", "synthesis", "takedowns")

# What opens a recording, a voiceprint or a model, or anything that lies in the vault.
OPENS = {"recording_bytes", "load_audio", "load_artefact", "load_voiceprint", "open_output"}
VAULT = {"read", "open", "unseal"}
LISTED = {
    "consent.documents.services": "a signed document, for the person who verifies it, on record",
    "consent.invitations": "sends a Voice Owner's link again",
    "consent.jobs": "builds the voice that was approved, for the account that asked",
    "consent.measuring": "checks a recording at the gate",
    "consent.never.services": "the name in a refused attempt, sealed",
    "consent.nogo": "compares a sample with the No-Go list",
    "moderation.nogo_index": "the No-Go list itself",
    "moderation.services.appeals": "an appeal's words, for who answers it",
    "moderation.services.feedback": "a reporter's address, to write to",
    "moderation.services.nogo_voices": "makes the voiceprint of a recording that a custodian handed in",
    "moderation.services.reports": "a report's words, for who decides",
    "synthesis.admin": "plays what somebody reported to who decides",
    "synthesis.jobs": "speaks what the account asked for",
    "synthesis.management.commands.demo": "plays a made-up speaker's output to who runs the demo",
    "synthesis.screenings": "a blocked text, for the account that asks about it",
    "synthesis.services": "hands an output to its account, a script to the engine, a sound to the detector",
    "synthesis.views": "hands an output to its account",
    "takedowns.cascade": "the owner's copy, and the digest of what is destroyed",
    "takedowns.conduct": "the voiceprint by which a terminated person's return is noticed",
    "takedowns.evidence.gather": "a bundle of evidence, for the account itself or by two people for an authority",
    "takedowns.legal.services": "an authority's order and its bundle, for those who answer it, on record",
    "takedowns.listing.services": "what somebody read aloud who wants to be on the No-Go list",
    "takedowns.notices.services.words": "a notice's words and files, for who decides, on record",
    "takedowns.privacy.export": "the account's own data, at its request",
    "takedowns.privacy.services": "hands that export to its account",
    "takedowns.requests.jobs": "a Voice Owner's link, to be mailed",
    "takedowns.requests.measuring": "compares who asks with the voices here",
    "takedowns.requests.services.taking": "what a Voice Owner read aloud, for who decides",
    "takedowns.services": "the owner's copy",
    "velluto.benchmarks.vault": "measures the vault on noise of its own",
    "velluto.doctor.house": "puts a line into the vault and reads it back",
    "voices.admin": "plays a recording to who decides, on record",
    "voices.jobs": "builds a curated voice under its rights",
    "voices.likeness": "finds the voices that sound like one, in a worker's memory",
    "voices.services": "the one place that opens them",
}
# What learns from something, or carries something out: none of it may reach what opens a voice.
LEARNS_OR_EXPORTS = (
    "velluto.engines.screener.training",
    "velluto.management.commands.train_screening",
    "velluto.backups.making",
    "velluto.backups.databases",
    "velluto.management.commands.backup",
    "moderation.transparency",
    "moderation.management.commands.transparency_report",
    "velluto.audit.checkpoints",
    "velluto.health",
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, ast.Module]:
    found = (path for app in APPS for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts)
    return {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in found}


def opens(tree: ast.Module) -> bool:
    """Tell whether a module calls, or hands on, what opens somebody's voice or anything in the vault."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            of_vault = isinstance(node.value, ast.Name) and node.value.id == "vault" and node.attr in VAULT
            if node.attr in OPENS or of_vault:
                return True
        if isinstance(node, ast.Name) and node.id in OPENS:
            return True
        from_vault = isinstance(node, ast.ImportFrom) and (node.module or "").startswith("velluto.vault")
        if from_vault and {alias.name for alias in node.names} & VAULT:
            return True
    return False


def imported(name: str, tree: ast.Module) -> set[str]:
    known = modules()
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found & known.keys()


def reached(name: str) -> set[str]:
    seen, left = set(), [name]
    while left:
        here = left.pop()
        if here not in seen:
            seen.add(here)
            left += imported(here, modules()[here])
    return seen


def test_whoever_opens_a_voice_is_listed_with_a_reason():
    opening = {name for name, tree in modules().items() if opens(tree) and not name.startswith("velluto.vault")}
    assert opening == LISTED.keys()
    assert all(LISTED.values())


def test_nothing_that_learns_or_carries_out_reaches_what_opens_a_voice():
    for name in LEARNS_OR_EXPORTS:
        assert name in modules(), name
        assert reached(name) & LISTED.keys() == set(), name


def test_the_rule_would_notice():
    assert opens(ast.parse("samples = voices.load_audio(recording)"))
    assert opens(ast.parse("from velluto.vault import read"))
    assert not opens(ast.parse("with path.open() as file: file.read()"))
