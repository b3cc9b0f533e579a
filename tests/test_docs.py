"""What the documents promise to list, they list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from django.conf import settings

from velluto.errors import Refusal

ROOT = Path(settings.BASE_DIR)
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for app in ("velluto", "accounts", "moderation", "voices", "consent", "synthesis", "takedowns")
    for path in (ROOT / app).rglob("*.py")
    if "Refusal" in path.read_text(encoding="utf-8") and "child" not in path.name
]


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for child in kind.__subclasses__():
        yield from (child, *refusals(child))


def test_every_refusal_is_documented_with_its_code_and_has_a_next_step():
    for module in MODULES:
        import_module(module)
    documented = set(re.findall(r"^\| `([a-z_0-9]+)`", (ROOT / "docs/errors.md").read_text(encoding="utf-8"), re.M))
    own = [kind for kind in refusals() if "code" in vars(kind) and not kind.__module__.startswith("tests.")]
    assert {kind.code for kind in own} - documented == set()
    codes = [kind.code for kind in own]
    assert len(set(codes)) == len(codes)
    assert all(kind.message and kind.next_step for kind in own)


def test_every_setting_from_the_environment_is_documented():
    source = (ROOT / "velluto/settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'(?:env\.\w+|_key|_database)\(\s*"([A-Z0-9_]+)"', source))
    described = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert {name for name in read if f"`{name}`" not in described} == set()


@pytest.mark.parametrize("document", [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")], ids=lambda path: path.name)
def test_no_link_between_documents_is_broken(document: Path):
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"
