"""Codes that change every thirty seconds (RFC 6238), and ten that each replace one: computed, read, compared.

The application's key is computed from the secret key of the service and a salt of the account: no table, no backup
holds it. A secret key that changes makes every application useless; an administrator then resets them.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

from pyotp import TOTP
from pyotp.utils import strings_equal

ISSUER = "Assistance SI SIAO"
PERIOD = 30
DRIFT = 1
"""Steps by which a telephone's clock may be wrong."""
RECOVERY_CODES = 10
_DIGITS = 6
_KEY_BYTES = 20
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Signs that nobody takes for another one: 32 of them, five bits each."""
_SIGNS, _GROUP = 24, 4


def key_of(secret: bytes, account_id: int, salt: str) -> str:
    """The application's key, 160 bits, in base 32."""
    said = f"second factor\x1f{account_id}\x1f{salt}".encode()
    return base64.b32encode(hmac.digest(secret, said, hashlib.sha256)[:_KEY_BYTES]).decode("ascii")


def key_in_groups(key: str) -> str:
    """The key as somebody types it, four signs at a time."""
    return " ".join(key[start : start + _GROUP] for start in range(0, len(key), _GROUP))


def enrolment_address(key: str, email: str) -> str:
    """What the picture says to the application: an otpauth:// address."""
    return TOTP(key, interval=PERIOD).provisioning_uri(name=email, issuer_name=ISSUER)


def step_of(key: str, typed: str, at: datetime) -> int | None:
    """The time step of which this is the code, the present one or its neighbours; None when it is of none."""
    code = "".join(typed.split())
    now = int(at.timestamp()) // PERIOD
    steps = [step for step in range(now - DRIFT, now + DRIFT + 1) if strings_equal(code_of(key, step), code)]
    return max(steps, default=None)


def code_of(key: str, step: int) -> str:
    """The six digits of a time step."""
    return TOTP(key, interval=PERIOD).generate_otp(step)


def is_code(typed: str) -> bool:
    """Whether this looks like a code of an application; else it is taken for a recovery code."""
    code = "".join(typed.split())
    return len(code) == _DIGITS and code.isascii() and code.isdigit()


def fresh_recovery_codes() -> list[str]:
    """Ten codes of 120 bits, « ABCD-EFGH-JKLM-NPQR-STUV-WXYZ »."""
    return [_grouped("".join(secrets.choice(_ALPHABET) for _ in range(_SIGNS))) for _ in range(RECOVERY_CODES)]


def recovery_hash(secret: bytes, account_id: int, typed: str) -> str:
    """The fingerprint under which a recovery code is kept, however it is typed."""
    plain = "".join(sign for sign in typed.upper() if sign.isalnum())
    said = f"recovery code\x1f{account_id}\x1f{plain}".encode("utf-8", "replace")
    return hmac.digest(secret, said, hashlib.sha256).hex()


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))
