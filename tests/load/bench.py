"""`make bench`: every measurement of the project, each as ratios within one run."""

from __future__ import annotations

from importlib import import_module

SECTIONS = ("first_ring", "first_webhook", "webhooks", "hearing", "finding", "workbook", "figures", "pages")


def main() -> None:
    """Run the sections one after the other and print what they measured."""
    for section in SECTIONS:
        print(f"== {section}")
        import_module(f"tests.load.{section}").main()


if __name__ == "__main__":
    main()
