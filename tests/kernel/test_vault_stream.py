"""The format, without storage and database: every place where a ciphertext can be changed, cut, lengthened or moved."""

from __future__ import annotations

import io
from uuid import UUID

import pytest

from velluto.vault.errors import Tampered, VaultError, WrongContext
from velluto.vault.stream import HEADER, SEGMENT, TAG, Context, Decrypting, Encrypting, Key, plain_size

KEY = Key(UUID(int=1), b"k" * 32)
HERE = Context("account:alice", "recording", "ab/one")
SIZES = [0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 2 * SEGMENT, 2 * SEGMENT + 300]
WHOLE = SEGMENT + TAG


def plain(size: int) -> bytes:
    return bytes(range(256)) * (size // 256) + bytes(range(size % 256))


def encrypted(size: int, context: Context = HERE, key: Key = KEY) -> bytes:
    return Encrypting(io.BytesIO(plain(size)), key, context).read()


def decrypted(stored: bytes, context: Context = HERE, key: Key = KEY) -> bytes:
    return Decrypting(io.BytesIO(stored), len(stored), key, context).read()


def boundaries(stored: bytes) -> set[int]:
    """Return where a part of the format ends: the header's fields, each segment's content, each tag."""
    fields = {0, 4, 5, 21, 37, 44, HEADER.size}
    ends = {HEADER.size + number * WHOLE + part for number in range(4) for part in (0, 1, SEGMENT, SEGMENT + 1)}
    return {place for place in fields | ends | {len(stored) - TAG, len(stored)} if 0 <= place <= len(stored)}


@pytest.mark.parametrize("size", SIZES)
def test_a_length_says_how_much_content_there_is(size):
    stored = encrypted(size)
    assert decrypted(stored) == plain(size)
    assert plain_size(len(stored)) == size


@pytest.mark.parametrize("count", [1, 7, SEGMENT, WHOLE, 5 * SEGMENT])
def test_the_ciphertext_is_handed_out_in_pieces_of_the_length_asked_for(count):
    source = Encrypting(io.BytesIO(plain(2000 if count < 10 else 3 * SEGMENT)), KEY, HERE)
    pieces = list(iter(lambda: source.read(count), b""))
    assert {len(piece) for piece in pieces[:-1]} <= {count}
    assert decrypted(b"".join(pieces)) == plain(source.size)


@pytest.mark.parametrize("size", [0, 1, 300])
def test_no_bit_can_be_flipped_anywhere(size):
    stored = encrypted(size)
    for place in range(len(stored)):
        for bit in range(8):
            changed = stored[:place] + bytes([stored[place] ^ 1 << bit]) + stored[place + 1 :]
            with pytest.raises((Tampered, WrongContext)):
                decrypted(changed)


@pytest.mark.parametrize("size", SIZES[2:])
def test_no_byte_beside_a_boundary_can_be_changed(size):
    stored = encrypted(size)
    for place in {near for edge in boundaries(stored) for near in (edge - 1, edge) if 0 <= near < len(stored)}:
        with pytest.raises((Tampered, WrongContext)):
            decrypted(stored[:place] + bytes([stored[place] ^ 0x80]) + stored[place + 1 :])


@pytest.mark.parametrize("size", SIZES)
def test_nothing_can_be_cut_off_at_or_beside_any_boundary(size):
    stored = encrypted(size)
    for place in {near for edge in boundaries(stored) for near in (edge - 1, edge, edge + 1)}:
        if 0 <= place < len(stored):
            with pytest.raises(Tampered):
                decrypted(stored[:place])


@pytest.mark.parametrize("size", SIZES)
def test_nothing_can_be_appended(size):
    stored, other = encrypted(size), encrypted(size)
    for more in (
        b"\0",
        b"\0" * TAG,
        b"\0" * (TAG + 1),
        stored[-TAG:],
        stored[HEADER.size :],
        other[HEADER.size :],
        other,
    ):
        with pytest.raises(Tampered):
            decrypted(stored + more)


def test_nothing_can_be_put_in_front_or_left_out_there():
    stored = encrypted(SEGMENT + 1)
    for spoiled in (b"\0" + stored, stored[1:], stored[HEADER.size :], stored[: HEADER.size] + stored):
        with pytest.raises(Tampered):
            decrypted(spoiled)


def test_no_segment_can_change_its_place_or_come_from_another_object():
    stored, other = encrypted(3 * SEGMENT), encrypted(3 * SEGMENT)
    parts, others = ([one[HEADER.size + at * WHOLE :][:WHOLE] for at in range(3)] for one in (stored, other))
    for order in ([1, 0, 2], [0, 2, 1], [2, 1, 0], [0, 0, 2], [0, 1, 1], [0, 2], [1, 2], [0, 1]):
        with pytest.raises(Tampered):
            decrypted(stored[: HEADER.size] + b"".join(parts[at] for at in order))
    for at in range(3):
        with pytest.raises(Tampered):
            decrypted(stored[: HEADER.size] + b"".join([*parts[:at], others[at], *parts[at + 1 :]]))
    with pytest.raises(Tampered):
        decrypted(other[: HEADER.size] + stored[HEADER.size :])


@pytest.mark.parametrize("size", [0, 5])
def test_another_context_or_key_opens_nothing(size):
    stored = encrypted(size)
    for context in (
        HERE._replace(owner="account:alic"),
        HERE._replace(purpose="output"),
        HERE._replace(what="ab/two"),
        Context("account:alicerecording", "", "ab/one"),  # the same letters, divided otherwise
        Context("recording", "account:alice", "ab/one"),
    ):
        with pytest.raises(WrongContext):
            decrypted(stored, context)
    for key in (Key(KEY.id, b"K" * 32), Key(UUID(int=2), KEY.secret)):
        with pytest.raises(WrongContext):
            decrypted(stored, key=key)


def test_what_is_good_before_a_spoiled_segment_is_given_and_nothing_after_it():
    stored = encrypted(3 * SEGMENT)
    spoiled = stored[: HEADER.size + WHOLE] + b"\0" + stored[HEADER.size + WHOLE + 1 :]
    reader = Decrypting(io.BytesIO(spoiled), len(spoiled), KEY, HERE)
    assert reader.read(SEGMENT) == plain(SEGMENT)
    for _ in range(2):
        with pytest.raises(VaultError):
            reader.read(1)
