"""Read the provenance manifest of one untrusted file: a task for confined.py, loaded by path."""

from __future__ import annotations

import io
import json

import c2pa


def run(content: io.BytesIO, media_type: str, settings: str) -> tuple[dict[str, object], bytes]:
    """Return {"state": ..., "failures": codes} and the manifest as JSON, or {"missing": why}."""
    try:
        with c2pa.Context.from_json(settings) as context, c2pa.Reader(media_type, content, context=context) as reader:
            results = reader.get_validation_results() or {}
            failures = [failure["code"] for failure in results.get("activeManifest", {}).get("failure", [])]
            manifest = json.dumps(reader.get_active_manifest()).encode()
            return {"state": reader.get_validation_state(), "failures": failures[:10]}, manifest
    except c2pa.C2paError.ManifestNotFound:
        return {"missing": "no manifest"}, b""
    except c2pa.C2paError as error:
        return {"missing": "elsewhere" if str(error).startswith("Remote") else "unreadable"}, b""
