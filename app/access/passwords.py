"""Passwords: argon2id, and the same work for logins that do not exist."""

from __future__ import annotations

import secrets
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER: Final = PasswordHasher()
# The hash of a random text nobody knows, so that an unknown login takes as long as a known one.
_NOBODY: Final = "$argon2id$v=19$m=65536,t=3,p=4$k6bCJfDr4X/pdujLOlYwjQ$e9aBM+k9CDw7j6sZQsFqW95GFUJSBj+nyPi26TsvrJw"
MAX_PASSWORD_CHARS: Final = 256
#: Signs that nobody takes for one another on paper or on the telephone.
PLAIN: Final = "abcdefghjkmnpqrstuvwxyz23456789"
PARTS: Final = 4
PART_CHARS: Final = 4


def temporary_password() -> str:
    """A random password to be said on the telephone, ``k7mp-2xqd-9vta-hw3e``: about 79 bits."""
    return "-".join("".join(secrets.choice(PLAIN) for _ in range(PART_CHARS)) for _ in range(PARTS))


def hash_password(password: str) -> str:
    """The text to store; it carries salt and parameters."""
    return _HASHER.hash(password)


def is_password_of(stored: str | None, password: str) -> bool:
    """Whether ``password`` fits the stored hash; None (unknown login) costs the same time and says no."""
    try:
        return _HASHER.verify(stored or _NOBODY, password[:MAX_PASSWORD_CHARS]) and stored is not None
    except (VerificationError, InvalidHashError):
        return False
