"""The settings are read once, whole, at the start; a wrong or missing one is named in a French sentence."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from service.settings.every_setting import Settings, SettingsRefused
from service.settings.kept_secrets import with_kept_secrets
from service.settings.kinds import SignInBy

SHORTEST_KEY, FEWEST_SIGNS = 32, 8
"""Characters of a secret key, and how many different ones: one that was drawn has more."""

REQUIRED = ("secret_key", "twilio_account_sid", "twilio_auth_token", "caller_id")
"""Without DEMO the service does not start without these."""

_REASONS = {
    "int_parsing": "un nombre entier est attendu",
    "bool_parsing": "1 ou 0 est attendu",
    "literal_error": "une de ces valeurs est attendue : {expected}",
    "greater_than_equal": "la valeur doit être au moins {ge}",
    "less_than_equal": "la valeur doit être au plus {le}",
}


def read_settings(*, complete: bool = False, **values: Any) -> Settings:
    """The settings of this machine (environment, `.env`); raises SettingsRefused, one sentence for each wrong one.

    With `complete`, everything that serving calls needs must be there. What a demonstration generates is kept in
    `var/`: a later command on the same machine finds the same secret key.
    """
    try:
        settings = Settings(**values)
    except ValidationError as error:
        raise SettingsRefused([_wrong(details) for details in error.errors()]) from None
    settings = with_kept_secrets(settings)
    if complete:
        settings.require(*REQUIRED)
        if wrong := unfit_for_production(settings):
            raise SettingsRefused(wrong)
    return settings


def unfit_for_production(settings: Settings) -> list[str]:
    """What would do for a demonstration and must not serve people; one French sentence each."""
    key, mail = settings.secret_key.get_secret_value(), settings.mail_url
    found = []
    if settings.privileged_sign_in == SignInBy.PROCONNECT and not settings.proconnect_client_id:
        found.append("PRIVILEGED_SIGN_IN est refusé : proconnect demande aussi PROCONNECT_CLIENT_ID.")
    if settings.demo:
        return found
    if len(key) < SHORTEST_KEY or len(set(key)) < FEWEST_SIGNS or key in (key + key)[1:-1]:
        found.append(
            f"SECRET_KEY est refusée : au moins {SHORTEST_KEY} caractères tirés au sort sont attendus, par exemple "
            "ceux que donne « openssl rand -base64 48 »."
        )
    if mail and mail.partition(":")[0] not in {"smtp", "smtps"}:
        found.append("MAIL_URL est refusé : hors démonstration, une adresse smtp://… ou smtps://… est attendue.")
    return found


def _wrong(details: Any) -> str:
    name = ".".join(str(part) for part in details["loc"]).upper()
    reason = _REASONS.get(details["type"], "").format(**details.get("ctx", {}))
    reason = reason or details["msg"].removeprefix("Value error, ")
    shown = "" if "TOKEN" in name or "SECRET" in name or "URL" in name else f" (« {details['input']} »)"
    return f"{name} est refusé{shown} : {reason}."
