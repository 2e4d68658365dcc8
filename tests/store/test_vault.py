"""The vault opens what it sealed, where it sealed it, and nothing else."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.store.vault import Vault, VaultError

OLD = b"o" * 32
NEW = b"n" * 32
PLACE = "message.body_sealed"
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=()))


def vault(**keys: bytes) -> Vault:
    """A vault whose active key is the last of ``keys``."""
    return Vault(keys, list(keys)[-1], b"look-up")


@given(ANY_TEXT)
def test_any_text_comes_back(text: str) -> None:
    """NUL, emoji, lone surrogates, nothing at all: what was sealed is what is opened."""
    assert vault(old=OLD).open(vault(old=OLD).seal(text, PLACE), PLACE) == text


@given(st.text(min_size=4))
def test_a_sealed_text_shows_nothing(text: str) -> None:
    """The text does not stand in what is stored, and the same text never looks the same twice."""
    sealed, again = (vault(old=OLD).seal(text, PLACE) for _ in range(2))
    assert sealed != again
    assert text.encode("utf-8", "surrogatepass") not in base64.b64decode(sealed.split(".")[2])


@given(st.text(max_size=20), st.data())
def test_a_flipped_bit_is_refused(text: str, data: st.DataObject) -> None:
    """Changing any single bit of nonce, ciphertext or tag is noticed."""
    version, key_id, payload = vault(old=OLD).seal(text, PLACE).split(".")
    raw = bytearray(base64.b64decode(payload))
    bit = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[bit // 8] ^= 1 << bit % 8
    with pytest.raises(VaultError):
        vault(old=OLD).open(f"{version}.{key_id}.{base64.b64encode(raw).decode()}", PLACE)


@given(st.text())
def test_what_is_not_sealed_is_refused(text: str) -> None:
    """Whatever stands in the column, opening it gives a VaultError and no other error."""
    with pytest.raises(VaultError):
        vault(old=OLD).open(text, PLACE)


@pytest.mark.parametrize(
    "damage", [lambda s: s[:-4], lambda s: s + "AAAA", lambda s: "v2" + s[2:], lambda s: "v1.old."]
)
def test_a_cut_or_longer_text_is_refused(damage) -> None:  # type: ignore[no-untyped-def]
    """A text that was cut, lengthened or renamed does not open."""
    with pytest.raises(VaultError):
        vault(old=OLD).open(damage(vault(old=OLD).seal("hello", PLACE)), PLACE)


def test_the_place_is_part_of_the_seal() -> None:
    """A value moved to another column does not open there."""
    with pytest.raises(VaultError):
        vault(old=OLD).open(vault(old=OLD).seal("hello", "phone.number_sealed"), PLACE)


def test_the_wrong_key_is_refused() -> None:
    """Neither another key under the same name opens it, nor a vault that does not know the name."""
    sealed = vault(old=OLD).seal("hello", PLACE)
    for other in (vault(old=NEW), vault(new=NEW)):
        with pytest.raises(VaultError) as refusal:
            other.open(sealed, PLACE)
        assert "hello" not in str(refusal.value)


def test_rotation() -> None:
    """After a rotation old texts open and ask to be sealed again; new ones carry the new key."""
    sealed = vault(old=OLD).seal("hello", PLACE)
    rotated = vault(old=OLD, new=NEW)
    assert rotated.open(sealed, PLACE) == "hello"
    assert rotated.needs_reseal(sealed)
    fresh = rotated.seal("hello", PLACE)
    assert fresh.startswith("v1.new.")
    assert not rotated.needs_reseal(fresh)
    assert vault(new=NEW).open(fresh, PLACE) == "hello"


@given(st.text(), st.text())
def test_number_hash(one: str, other: str) -> None:
    """Equal for equal addresses only, 64 hexadecimal digits, and another with another secret."""
    mine = vault(old=OLD)
    assert (mine.number_hash(one) == mine.number_hash(other)) == (one == other)
    assert len(mine.number_hash(one)) == 64
    assert mine.number_hash(one) != Vault({"old": OLD}, "old", b"another").number_hash(one)


@pytest.mark.parametrize(
    ("keys", "active", "secret", "complaint"),
    [
        ({"old": b"short"}, "old", b"x", "must be 32 bytes"),
        ({"a.b": OLD}, "a.b", b"x", "key id"),
        ({"old": OLD}, "new", b"x", "active"),
        ({"old": OLD}, "old", b"", "secret"),
    ],
)
def test_bad_keys_are_refused(keys: dict[str, bytes], active: str, secret: bytes, complaint: str) -> None:
    """Keys that could not work are refused at once, in plain words."""
    with pytest.raises(ValueError, match=complaint):
        Vault(keys, active, secret)
