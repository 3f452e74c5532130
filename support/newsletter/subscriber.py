"""A reader of the newsletter, what he agreed to, and his private links."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from records.tokens import token_for

CONSENT = (
    "J’accepte de recevoir par courriel la lettre de l’assistance du SI SIAO, environ une fois par mois. Je peux la "
    "quitter à tout moment."
)
"""What is agreed to, as it is kept: a change of the sentence is a change of the consent."""

CONFIRMED_WITHIN = timedelta(days=2)
"""How long the link of the first letter serves."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """An address, since when it was asked for, proved and left; `generation` makes old links void."""

    id: int
    email: str
    asked_at: datetime
    consent: str
    confirmed_at: datetime | None
    left_at: datetime | None
    generation: int

    @property
    def receives(self) -> bool:
        """Whether the newsletter is sent there."""
        return self.confirmed_at is not None and self.left_at is None

    def leave_token(self, secret: bytes) -> str:
        """What its link to leave says, the same until the subscription has ended and begun again."""
        return token_for(secret, "newsletter leave", self.id, self.email, self.generation)

    def confirm_token(self, secret: bytes) -> str:
        """What the link of its first letter says: another one each time that it is asked for."""
        return token_for(secret, "newsletter confirm", self.id, self.email, self.generation, self.asked_at.timestamp())


NOBODY = Subscriber(0, "", datetime.min, "", None, None, 0)  # noqa: DTZ901 - compared with, so that time tells nothing


def is_leaving(found: Subscriber | None, token: str, secret: bytes) -> bool:
    """Whether the token lets this subscriber leave; as long to tell for one that does not exist."""
    expected = (found or NOBODY).leave_token(secret)
    return compare_digest(expected.encode(), token.encode("utf-8", "replace")) and found is not None


def is_confirming(found: Subscriber | None, token: str, secret: bytes, at: datetime) -> bool:
    """Whether the token proves this subscriber's address now."""
    expected = confirm_token_of_nobody(secret) if found is None else found.confirm_token(secret)
    is_same = compare_digest(expected.encode(), token.encode("utf-8", "replace"))
    return is_same and found is not None and at <= found.asked_at + CONFIRMED_WITHIN


def confirm_token_of_nobody(secret: bytes) -> str:
    """What an unknown number is compared with."""
    return token_for(secret, "newsletter confirm", 0)
