"""The secrets that a machine keeps beside its data: those of a demonstration are drawn here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from pydantic import SecretStr

from service.settings.every_setting import Settings, plain


def with_kept_secrets(settings: Settings) -> Settings:
    """`settings`, each missing secret being the one kept in VAR_DIR; a demonstration draws it the first time."""
    kept = (
        {"secret_key": "secret_key", "twilio_auth_token": "demo_token"}
        if settings.demo
        else {"secret_key": "secret_key"}
    )
    found = {
        name: SecretStr(_kept_secret(settings.var_dir / file, make=settings.demo))
        for name, file in kept.items()
        if not plain(getattr(settings, name))
    }
    return settings.model_copy(update=found)


def _kept_secret(path: Path, *, make: bool) -> str:
    """The secret kept in `path`, made there (readable by its owner alone) when `make`; else empty."""
    if make and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(48), encoding="ascii")
        try:
            os.link(fresh, path)  # two starts at once: the first one's secret is kept by both
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip() if path.exists() else ""
