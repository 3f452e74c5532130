"""The delivered sample of articles taken in, as the demonstration takes it."""

from __future__ import annotations

from sqlalchemy import Engine

from records.desks.acting import Acting
from support.knowledge.importing import ImportPlan, import_articles
from support.knowledge.sample import SAMPLE
from tests.support.house import NOW

SACHA = "sacha@siao.example"


def acting(engine: Engine) -> Acting:
    """Sacha, of the national team, at work at the moment of the tests."""
    return Acting(engine, SACHA, NOW)


def with_sample(engine: Engine) -> ImportPlan:
    """A directory of the delivered articles."""
    return import_articles(acting(engine), SAMPLE.read_bytes())
