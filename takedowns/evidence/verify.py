"""Verify a bundle of evidence from Velluto: offline, with Python 3 and nothing else.

    python3 -I verify.py [BUNDLE] [--public-key HEX]

BUNDLE is the ZIP file, or the folder it was unpacked into; without it, the folder in which this script lies. The public
key is the one that the installation publishes. Without it the key inside the bundle is used: that shows that nothing
was changed since it was signed, but not by whom it was signed.

What is checked: the manifest carries a good Ed25519 signature (RFC 8032); every file that it names is there, with the
length and SHA-256 that it says; nothing else is there; what a record says about a file is true of the file; each row of
the audit has the digest it claims, and rows that follow each other are linked.

Exit status: 0 whole, 1 not whole, 2 asked wrongly.
"""

import hashlib
import json
import os
import re
import stat
import sys
import zipfile

MANIFEST, SIGNATURE, AUDIT = "manifest.json", "manifest.sig", "audit.json"


# ------------------------------------------------------------------------- Ed25519, as RFC 8032 has it (section 5.1)

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)  # of -1


def add(p, q):
    """Add two points in extended coordinates (X, Y, Z, T)."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % P
    b = (p[1] + p[0]) * (q[1] + q[0]) % P
    c = 2 * p[3] * q[3] * D % P
    d = 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, point)
        point = add(point, point)
        scalar >>= 1
    return result


def unpack(data):
    """Return the point that 32 bytes stand for, or None where they stand for none."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def pack(point):
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = unpack((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public_key, message, signature):
    """Tell whether `signature` (64 bytes) is the one that the owner of `public_key` (32 bytes) gives `message`."""
    point = unpack(public_key) if len(public_key) == 32 else None
    if point is None or len(signature) != 64:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= ORDER:  # else a second signature could be made out of the first
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    minus = (P - point[0], point[1], 1, P - point[3])
    return pack(add(times(scalar, BASE), times(challenge, minus))) == signature[:32]


# ------------------------------------------------------------------------- the bundle, packed or unpacked


class Folder:
    def __init__(self, path):
        self.path = path
        self.names, self.odd = [], []
        for top, folders, files in os.walk(path):
            for name in folders + files:
                whole = os.path.join(top, name)
                short = os.path.relpath(whole, path).replace(os.sep, "/")
                kind = os.lstat(whole).st_mode
                if stat.S_ISREG(kind):
                    self.names.append(short)
                elif not stat.S_ISDIR(kind) or not os.listdir(whole):
                    self.odd.append(short)

    def read(self, name):
        with open(os.path.join(self.path, *name.split("/")), "rb") as file:
            return file.read()


class Packed:
    def __init__(self, path):
        self.archive = zipfile.ZipFile(path)
        self.names = self.archive.namelist()
        self.odd = sorted({name for name in self.names if self.names.count(name) > 1})

    def read(self, name):
        return self.archive.read(name)


# ------------------------------------------------------------------------- what is wrong with it


def findings(bundle, public_key):
    """Return the manifest (or None) and every way in which the bundle is not as it was signed, as (what, where)."""
    wrong = [("not a plain file of its own name", name) for name in bundle.odd]
    for name in (MANIFEST, SIGNATURE):
        if name not in bundle.names:
            return None, [*wrong, ("missing", name)]
    try:
        text = bundle.read(MANIFEST)
    except Exception as error:  # a damaged archive
        return None, [*wrong, ("unreadable (%s)" % type(error).__name__, MANIFEST)]
    try:
        manifest = json.loads(text)
        files = {str(name): dict(entry) for name, entry in manifest["files"].items()}
        key = bytes.fromhex(manifest["public_key"])
        if manifest["what"] != "velluto evidence":  # the same key signs other things, too
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, [*wrong, ("changed: it can no longer be read as a manifest", MANIFEST)]
    if public_key is not None and key != public_key:
        wrong.append(("signed by somebody else: it names the key %s" % key.hex(), MANIFEST))
        key = public_key
    try:
        signature = bundle.read(SIGNATURE)
    except Exception as error:
        return None, [*wrong, ("unreadable (%s)" % type(error).__name__, SIGNATURE)]
    if not re.fullmatch(rb"[0-9a-f]{128}\n", signature):
        wrong.append(("changed: it is no signature", SIGNATURE))
    elif not is_signed(key, text, bytes.fromhex(signature[:-1].decode())):
        wrong.append(("the signature and the manifest do not belong together", MANIFEST + ", " + SIGNATURE))
    for name in sorted(set(bundle.names) - set(files) - {MANIFEST, SIGNATURE}):
        wrong.append(("added: the manifest does not name it", name))
    for name in sorted(files):
        wrong += [(what, name) for what in differences(bundle, name, files[name])]
    return manifest, wrong + broken_rows(bundle)


def differences(bundle, name, entry):
    if name not in bundle.names:
        return ["missing"]
    try:
        content = bundle.read(name)
    except Exception as error:  # damaged within an archive, which has a checksum of its own
        return ["changed: unreadable (%s)" % type(error).__name__]
    digest = hashlib.sha256(content).hexdigest()
    if digest != entry.get("sha256") or len(content) != entry.get("bytes"):
        return ["changed"]
    recorded = entry.get("recorded_sha256")
    return ["not what its record tells of (%s)" % recorded] if recorded and recorded != digest else []


def broken_rows(bundle):
    """Return the rows of the audit that are not what their digests say, or not linked to the row before."""
    if AUDIT not in bundle.names:
        return []
    wrong, before = [], None
    try:
        rows = json.loads(bundle.read(AUDIT))
        for row in rows:
            if "previous" not in row:  # only its number and digest were given out
                continue
            said = {name: value for name, value in row.items() if name != "digest"}
            text = json.dumps({"v": 1, **said}, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
            if hashlib.sha256(text.encode("ascii")).hexdigest() != row["digest"]:
                wrong.append(("row %s is not what its digest says" % row["number"], AUDIT))
            if before and row["number"] == before["number"] + 1 and row["previous"] != before["digest"]:
                wrong.append(("row %s does not follow row %s" % (row["number"], before["number"]), AUDIT))
            before = row
    except Exception as error:
        return [("unreadable (%s)" % type(error).__name__, AUDIT)]
    return wrong


def main(arguments):
    given, public_key, rest = list(arguments), None, []
    while given:
        one = given.pop(0)
        if one == "--public-key" and given:
            value = given.pop(0).strip().lower()
            if not re.fullmatch("[0-9a-f]{64}", value):
                print("A public key has 64 digits from 0 to f.")
                return 2
            public_key = bytes.fromhex(value)
        else:
            rest.append(one)
    if len(rest) > 1 or any(one.startswith("-") for one in rest):
        print(__doc__)
        return 2
    path = rest[0] if rest else os.path.dirname(os.path.abspath(__file__))
    try:
        bundle = Folder(path) if os.path.isdir(path) else Packed(path)
    except Exception as error:
        print("NOT WHOLE: %s cannot be opened (%s)." % (path, type(error).__name__))
        return 1
    manifest, wrong = findings(bundle, public_key)
    if manifest is None or wrong:
        print("NOT WHOLE. What is wrong:")
        for what, where in wrong:
            print("  %s: %s" % (where, what))
        return 1
    print("WHOLE: %d files are as they were signed on %s." % (len(manifest["files"]), manifest["made_at"]))
    print("What: %s" % json.dumps(manifest["about"], sort_keys=True))
    for gone in manifest["gone"]:
        print("Not in it, because it no longer exists: %s (%s)" % (gone["file"], gone["why"]))
    if public_key is None:
        print("Signed with the key %s." % manifest["public_key"])
        print(
            "That key came with the bundle: compare it with the one that the installation publishes, or pass that one"
        )
        print("with --public-key. Else anybody may have signed it.")
    else:
        print("Signed with the key you gave.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
