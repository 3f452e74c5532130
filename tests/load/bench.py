"""`make bench`: every measurement of the project, each as ratios within one run."""

from __future__ import annotations

from importlib import import_module

SECTIONS = ("first_ring", "first_webhook", "webhooks", "hearing", "finding", "workbook", "figures", "pages")


def main() -> None:
    """Run every section and print what it measured; exit status 1 names those that were out of their bounds."""
    red = []
    for section in SECTIONS:
        print(f"== {section}", flush=True)
        try:
            import_module(f"tests.load.{section}").main()
        except SystemExit as ended:
            if ended.code:
                print(ended.code, flush=True)
                red.append(section)
    if red:
        raise SystemExit(f"Out of bounds: {', '.join(red)}.")


if __name__ == "__main__":
    main()
