"""Bundles of evidence as a stranger gets them: unpacked, and verified by the script in them alone."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path

from velluto.audit.checkpoints import signing_key


def public_key() -> str:
    return signing_key().public_key().public_bytes_raw().hex()


def unpacked(content: bytes, folder: Path) -> Path:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(folder)
    return folder


def verified(*arguments: object, script: Path) -> tuple[int, str]:
    """Run the script as on a machine without Velluto: no environment, no packages, isolated."""
    command = [sys.executable, "-I", "-S", str(script), *map(str, arguments)]
    done = subprocess.run(command, env={}, capture_output=True, text=True, cwd="/", check=False)
    assert not done.stderr, done.stderr
    return done.returncode, done.stdout
