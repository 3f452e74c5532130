"""What the telephone's door asks of an operator, whoever it is: is it signed, what does it mean, how is it said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from ivr.conversation.events import Event
from ivr.conversation.instructions import Instruction
from ivr.conversation.place import Step
from records.facts import Fact


class FormRefused(ValueError):  # noqa: N818 — it tells a decision, like every refusal of this house
    """The form is not one that the operator sends."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A form understood: the call it belongs to, who calls, whether he is still there, and what happened.

    `is_hidden`: a carrier presents a number of its own and does not say who calls; he withholds nothing himself.
    """

    call: str
    leg: str | None
    caller: str | None
    is_gone: bool
    event: Event
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class FallenBack:
    """Who called when the operator could not use our document, and the operator's own name of the error.

    `failed` is the path and query of that document, empty when it is not told or is none of ours; `is_leg`: it was
    asked for on the leg of a référent; `is_hidden` as in Webhook.
    """

    caller: str | None
    dialled: str | None
    error: str
    failed: str = ""
    is_leg: bool = False
    is_hidden: bool = False


class OperatorForm(dict[str, str]):
    """The fields of a form, of one that stands twice the first value; `pairs` are all of them, as they came."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = tuple(pairs)
        super().__init__(reversed(self.pairs))

    def getlist(self, name: str) -> list[str]:
        """Every value of a field."""
        return [value for each, value in self.pairs if each == name]


class Operator(Protocol):
    """One telephone operator. `form` has all fields of a request, blank ones too; `headers` know no case."""

    mimetype: str
    """Of its documents."""

    def is_signed(self, path_and_query: str, form: OperatorForm, headers: Any) -> bool:
        """Whether the operator vouches for this address and this form."""

    def call_of(self, form: Mapping[str, str]) -> str:
        """The caller's call that even a broken form names, on a référent's leg too; empty when it names none."""

    def is_gone(self, form: Mapping[str, str]) -> bool:
        """Whether the call is over already, so that nobody hears what is answered."""

    def understand(self, step: Step, form: Mapping[str, str]) -> Webhook:
        """The event that a form tells at `step`; raises FormRefused."""

    def fallen_back(self, form: Mapping[str, str]) -> FallenBack:
        """What the operator tells when it asks for the fallback."""

    def end_fact(self, form: Mapping[str, str], at: datetime) -> Fact | None:
        """The end of a call; None when it has not ended or the word is unknown. Raises FormRefused, as the next two."""

    def leg_fact(self, form: Mapping[str, str], n: int, person: str, at: datetime) -> Fact | None:
        """What became of a référent's leg; None for an unknown word."""

    def recording_fact(self, form: Mapping[str, str], n: int, at: datetime) -> Fact:
        """The audio is ready, or absent."""

    def phrase(self, instructions: Iterable[Instruction]) -> str:
        """The document that asks the operator for these instructions; raises ValueError when it cannot be said."""

    def nothing(self) -> str:
        """The document that asks for nothing."""
