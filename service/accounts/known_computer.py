"""A computer that its owner calls his own: a signed cookie says whose it is, and a session there lasts the working day.

The cookie opens nothing by itself: it only tells how long a session lasts once its owner has signed in (decision 37).
"""

from __future__ import annotations

from datetime import timedelta

from flask import Request, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from records.desks.accounts import Account

KNOWN_FOR = timedelta(days=180)


class KnownComputer:
    """Reads and writes the cookie; `is_https`: whether it may travel in the clear."""

    def __init__(self, secret: bytes, *, is_https: bool) -> None:
        self._serializer = URLSafeTimedSerializer(secret, salt="known computer")
        self._is_https = is_https
        self._name = "__Host-svi-poste" if is_https else "svi-poste"

    def is_known(self, request: Request, account: Account) -> bool:
        """Whether this computer is this account's."""
        try:
            owner = self._serializer.loads(request.cookies.get(self._name, ""), max_age=int(KNOWN_FOR.total_seconds()))
        except BadSignature:
            return False
        return isinstance(owner, int) and owner == account.id

    def mark(self, answer: Response, account: Account) -> None:
        """Say that this computer is this account's."""
        answer.set_cookie(
            self._name, str(self._serializer.dumps(account.id)), max_age=KNOWN_FOR, httponly=True, samesite="Lax",
            secure=self._is_https,
        )  # fmt: skip

    def forget(self, answer: Response) -> None:
        """Say that this computer is nobody's."""
        answer.delete_cookie(self._name, httponly=True, samesite="Lax", secure=self._is_https)
