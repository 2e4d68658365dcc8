"""The vault: everything that a patient wrote or that names a patient is sealed here before it is stored."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
import re
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class VaultError(Exception):
    """A sealed text cannot be opened: unknown key, wrong key, wrong place, or it was changed."""


class Vault:
    """AES-256-GCM with named keys, and a keyed hash to look numbers up by.

    A sealed text is ``v1.<key id>.<base64 of nonce and ciphertext>``. Its place (``table.column``) is
    authenticated with it, so that a value moved to another column does not open. New texts are sealed with
    the active key; the other keys only open what was sealed before a rotation.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes],
        active: str,
        lookup_secret: bytes,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Raises ``ValueError`` for a key that is not 32 bytes, a bad key id, an unknown active key or no secret."""
        for key_id, key in keys.items():
            _check_key(key_id, key)
        if active not in keys:
            raise ValueError("the active encryption key is not among the keys")
        if not lookup_secret:
            raise ValueError("the look-up secret is empty")
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}
        self._active = active
        self._lookup_secret = lookup_secret
        self._random_bytes = random_bytes

    def seal(self, text: str, place: str) -> str:
        """Encrypt ``text`` for ``place`` with the active key. Any text is taken, lone surrogates included."""
        nonce = self._random_bytes(NONCE_BYTES)
        ciphertext = self._ciphers[self._active].encrypt(nonce, _encode(text), place.encode())
        return f"v1.{self._active}.{base64.b64encode(nonce + ciphertext).decode()}"

    def open(self, sealed: str, place: str) -> str:
        """The text that was sealed for ``place``. Raises :class:`VaultError`, which never quotes the text."""
        key_id, raw = _split(sealed)
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise VaultError(f"sealed for {place} with a key that is not configured")
        try:
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], place.encode()).decode("utf-8", "surrogatepass")
        except InvalidTag:
            raise VaultError(f"a sealed text for {place} does not open with its key") from None

    def needs_reseal(self, sealed: str) -> bool:
        """Whether ``sealed`` was made with a key that is no longer the active one."""
        return _split(sealed)[0] != self._active

    def number_hash(self, address: str) -> str:
        """64 hexadecimal digits that stand for ``address``: equal for equal addresses, useless without the secret.

        The address is taken as it is; callers normalise numbers to E.164 first.
        """
        return hmac.digest(self._lookup_secret, _encode(address), "sha256").hex()


def _check_key(key_id: str, key: bytes) -> None:
    if not _KEY_ID.fullmatch(key_id):
        raise ValueError("an encryption key id is 1 to 32 letters, digits, '_' or '-'")
    if len(key) != KEY_BYTES:
        raise ValueError(f"encryption key {key_id} must be {KEY_BYTES} bytes")


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _split(sealed: str) -> tuple[str, bytes]:
    """The key id, and nonce with ciphertext."""
    version, _, rest = sealed.partition(".")
    key_id, _, payload = rest.partition(".")
    if version != "v1":
        raise VaultError("not a sealed text")
    try:
        raw = base64.b64decode(payload, validate=True)
    except (binascii.Error, ValueError):
        raise VaultError("a sealed text is not whole") from None
    if len(raw) < NONCE_BYTES + 16:
        raise VaultError("a sealed text is not whole")
    return key_id, raw
