"""The settings as the README shows them."""

from __future__ import annotations

from service.settings.every_setting import Settings, plain


def settings_table() -> str:
    """The README's table of settings, in Markdown."""
    rows = ["| setting | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        default = plain(field.default)
        shown = f"`{int(default) if isinstance(default, bool) else default}`" if default != "" else "—"
        rows.append(f"| `{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows) + "\n"
