"""A number is taken out of what people wrote without a call, as it is out of what was written about calls."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from records.calls.erasing import ERASED, erase_number
from records.schema.knowledge_tables import article_report_voices
from records.schema.request_tables import request_events, requests
from records.schema.written_tables import filed_forms
from support.requests import working
from tests.support.house import NOW
from tests.support.requests.conftest import CAMILLE, Office


@pytest.mark.parametrize("said", ["06 39 98 12 34", "+33639981234", "0639981234", "06.39.98.12.34"])
def test_a_number_in_a_written_request_is_erased_however_it_is_written(one_office: Office, said: str) -> None:
    number = one_office.written(subject=f"Rappelez {said}", description=f"Au {said}, ou au 06 39 98 00 01.")
    one_office.does(CAMILLE, working.close, text=f"Rappelé au {said}.", solved=True)
    with one_office.house.writing() as connection:
        connection.execute(insert(filed_forms).values(
            token_digest="a" * 64, email="a@asso.example", fields=json.dumps({"description": said}), filed_at=NOW,
            expires_at=NOW + timedelta(days=1),
        ))  # fmt: skip
        connection.execute(insert(article_report_voices).values(
            report_id=1, kind="obsolete", text=f"Rappelez-moi au {said}.", at=NOW
        ))  # fmt: skip
        erase_number(connection, "+33639981234", "empreinte", NOW)
        voice = connection.scalar(select(article_report_voices.c.text))
        row = connection.execute(select(requests).where(requests.c.id == number)).one()
        texts = connection.scalars(select(request_events.c.text).where(request_events.c.request_id == number)).all()
        waiting = connection.execute(select(filed_forms.c.fields)).scalar_one()
    assert (row.subject, row.result) == (f"Rappelez {ERASED}", f"Rappelé au {ERASED}.")
    assert row.description == f"Au {ERASED}, ou au 06 39 98 00 01."
    assert texts == [row.description, row.result]
    assert voice == f"Rappelez-moi au {ERASED}."
    assert json.loads(waiting) == {"description": ERASED}
