"""What a database error may say in a log."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from records.database import Engine, SQLAlchemyError, writing


def test_an_error_carries_nobodys_number(engine: Engine) -> None:
    with pytest.raises(SQLAlchemyError) as found, writing(engine) as connection:
        connection.execute(text("insert into nowhere (caller) values (:caller)"), {"caller": "+33639981234"})
    assert "nowhere" in str(found.value)
    assert "639981234" not in str(found.value)
