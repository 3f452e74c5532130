"""That an address receives mail: the link that proves it, and the browser in which it was proved."""

from __future__ import annotations

import hmac
import re
from datetime import timedelta
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeTimedSerializer

from records.tokens import LENGTH, digest_of, fresh_token, token_for

PROOF_LIVES = timedelta(hours=48)
"""How long a form waits for the proof of its address."""
PROVED_FOR = timedelta(days=30)
"""How long a browser in which an address was proved, and whose owner asked for it, needs no new proof."""
_KEY = re.compile(rf"[A-Za-z0-9_-]{{{LENGTH}}}")


def form_key(typed: str) -> str:
    """The key of one form, from its first page to its request: the one that it carries, else a new one."""
    return typed if _KEY.fullmatch(typed) else fresh_token()


def files_key(key: str) -> str:
    """Under which the files of the form wait."""
    return digest_of(key)


def count_key(key: str) -> int:
    """Under which number the form counts once as a request avoided: computed, so that a page sent twice counts once."""
    return int(digest_of(f"avoided {key}")[:15], 16)


def proof_token(secret: bytes, about: str, email: str) -> str:
    """The token by which this address proves the form that is known as `about`."""
    return token_for(secret, "form proof", about, email)


class ProvedBrowser:
    """Reads and writes the cookie of a browser in which an address was proved."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._serializer = URLSafeTimedSerializer(secret, salt="proved address")

    def has_proved(self, cookie: str, email: str) -> bool:
        """Whether the cookie says that this address was proved there lately."""
        try:
            kept = self._serializer.loads(cookie, max_age=int(PROVED_FOR.total_seconds()))
        except BadSignature:
            return False
        return isinstance(kept, str) and hmac.compare_digest(kept, self._fingerprint(email))

    def written(self, email: str) -> str:
        """What the cookie says: a fingerprint of the address, signed with its moment."""
        return str(self._serializer.dumps(self._fingerprint(email)))

    def _fingerprint(self, email: str) -> str:
        return hmac.new(self._secret, f"proved address\x1f{email}".encode(), sha256).hexdigest()
