"""How well a spoken département is understood, on the corpus: printed by `make bench`."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from ivr.understanding.hearing import hear
from routing.departements import departements
from tests.ivr.corpus import NONSENSE, Form, by_hand, generated, misheard

SELF_ASSURED = 0.95
"""The worst recogniser for us: always sure of itself."""


class Measure(NamedTuple):
    """`right` of `total` lead to the code (or offer the choice) that was meant; `wrong_certain`: unasked, and wrong."""

    right: int
    total: int
    wrong_certain: int
    forms: list[Form]


def is_right(form: Form) -> bool:
    """Whether the form leads to exactly what was meant."""
    return hear(form.text, SELF_ASSURED, departements()).candidates == form.codes


def is_wrong_and_certain(form: Form) -> bool:
    """Whether the form would ring another département without a question."""
    heard = hear(form.text, SELF_ASSURED, departements())
    return heard.certain and heard.candidates != form.codes


def measure() -> Measure:
    """The corpus measured; `forms` are those not right. Mishearings and nonsense count for `wrong_certain` alone."""
    forms = [*generated(), *by_hand()]
    traps = [*misheard(), *(Form(text, (), "nonsense") for text in NONSENSE)]
    missed = [form for form in forms if not is_right(form)]
    return Measure(len(forms) - len(missed), len(forms), sum(map(is_wrong_and_certain, [*forms, *traps])), missed)


def main() -> None:
    """Print the measure in one line, then each form that was missed."""
    right, total, wrong_certain, missed = measure()
    print(f"hearing: {right}/{total} right ({right / total:.2%}), {wrong_certain} wrong without a confirmation")
    for how, count in Counter(form.how for form in missed).most_common():
        print(f"  missed, {how}: {count}")
    for form in missed:
        print(f"  {form.text!r} meant {'/'.join(form.codes)}, heard {hear(form.text, SELF_ASSURED, departements())}")


if __name__ == "__main__":
    main()
