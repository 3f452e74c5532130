"""Who may do what: the table itself, every guarded route for every role, and no page that asks for a role."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from records.desks.permissions import ALLOWED, AccountRole, Permission
from service.pages.layout import PUBLIC
from tests.service.test_routes import methods, path_of, rules
from tests.support.house import House, open_house

REFERENT, NATIONAL, ADMIN = AccountRole.REFERENT, AccountRole.NATIONAL, AccountRole.ADMIN

WHO_MAY = {
    Permission.READ_EVERY_DEPARTEMENT: {NATIONAL, ADMIN},
    Permission.WATCH_EVERY_DESK: {NATIONAL, ADMIN},
    Permission.READ_NATIONAL_FIGURES: {NATIONAL, ADMIN},
    Permission.SET_ALERTS_ASIDE: {NATIONAL, ADMIN},
    Permission.WORK_LEVEL_2: {NATIONAL, ADMIN},
    Permission.RUN_SURVEY: {NATIONAL, ADMIN},
    Permission.ADMINISTER: {NATIONAL, ADMIN},
    Permission.READ_TRAIL: {NATIONAL, ADMIN},
    Permission.MANAGE_ACCOUNTS: {NATIONAL, ADMIN},
    Permission.MANAGE_ADMINISTRATORS: {ADMIN},
}
"""Said twice on purpose: a line that changes here is a decision."""

EVERYBODY = {REFERENT, NATIONAL, ADMIN}
HEADQUARTERS = {NATIONAL, ADMIN}
WHO_IS_LET_IN = {
    "account": EVERYBODY,
    "answers": EVERYBODY,
    "attachments": EVERYBODY,
    "desk_reporting": EVERYBODY,
    "own_factor": EVERYBODY,
    "own_newsletter": EVERYBODY,
    "calls": EVERYBODY,
    "links": EVERYBODY,
    "messages": EVERYBODY,
    "presence": EVERYBODY,
    "reports": EVERYBODY,
    "requests": EVERYBODY,
    "worklist": EVERYBODY,
    "reports.national": HEADQUARTERS,
    "reports.national_trends": HEADQUARTERS,
    "reports.national_motives": HEADQUARTERS,
    "reports.national_requests": HEADQUARTERS,
    "reports.national_csv": HEADQUARTERS,
    "reports.set_alert_aside": HEADQUARTERS,
    "reports.set_survey": HEADQUARTERS,
    "reports.chase_missing": HEADQUARTERS,
    "reports.national_survey": HEADQUARTERS,
    "reports.survey_csv": HEADQUARTERS,
    "article_reports": HEADQUARTERS,
    "editors": HEADQUARTERS,
    "newsletter": HEADQUARTERS,
    "admin": HEADQUARTERS,
    "admin_accounts": HEADQUARTERS,
    "admin_trail": HEADQUARTERS,
    "admin_answers": HEADQUARTERS,
    "admin_articles": HEADQUARTERS,
    "admin_directory": HEADQUARTERS,
    "admin_nomenclature": HEADQUARTERS,
    "admin_privacy": HEADQUARTERS,
    "admin_routes": HEADQUARTERS,
    "admin_rules": HEADQUARTERS,
    "admin_state": HEADQUARTERS,
    "admin_words": HEADQUARTERS,
}
"""Blueprint, or one of its endpoints → the roles for which the page exists."""

FRANCES = ("/resultats/appels", "/resultats/classeur.xlsx?departement=france")
"""Of a page that everybody has, what is about France as a whole."""

ROOT = Path(__file__).parents[2]
A_PAGE = re.compile(r"^(service/(pages|accounts)|support|reports|voicemail)/.*\.py$|\.html$")
ASKS_FOR_A_ROLE = re.compile(
    r"is_national"  # the question that the table has replaced
    r"|(==|!=|\bis\b|\bin\b)( not\b)? *\{?(AccountRole\b|[\"'](admin|national|referent)[\"'])"
    r"|\b(account|reader\(\)|current_account\(\))\.role *(==|!=|is|in|not)\b"
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = open_house(tmp_path, f"sqlite:///{tmp_path / 'desk.sqlite'}")
    made.invite("admin@siao.example", "admin")
    yield made
    made.close()


PEOPLE = {REFERENT: "camille@siao.example", NATIONAL: "sacha@siao.example", ADMIN: "admin@siao.example"}


def test_each_role_may_what_the_table_says_and_no_more() -> None:
    assert {each: {role for role in AccountRole if each in ALLOWED[role]} for each in Permission} == WHO_MAY


def test_every_role_has_a_line_in_the_table() -> None:
    assert set(ALLOWED) == set(AccountRole)


def test_every_guarded_page_is_known_here(house: House) -> None:
    """A new page says for whom it exists."""
    ends = {rule.endpoint for rule in rules(house)}
    guarded = {end for end in ends if end not in PUBLIC and end.split(".")[0] not in PUBLIC}
    assert {end for end in guarded if end not in WHO_IS_LET_IN and end.split(".")[0] not in WHO_IS_LET_IN} == set()


@pytest.mark.parametrize("role", AccountRole)
def test_a_page_exists_for_the_roles_that_it_is_meant_for(house: House, role: AccountRole) -> None:
    """What is not for a role is 404 whatever is asked; what is for it opens, where no number has to be known."""
    browser = house.signed_in(PEOPLE[role])
    token = browser.token()
    for rule in rules(house):
        who = WHO_IS_LET_IN.get(rule.endpoint) or WHO_IS_LET_IN.get(rule.endpoint.split(".")[0])
        for method in methods(rule) if who else ():
            answer = browser.client.open(path_of(rule), method=method, data={"csrf_token": token})
            answer.close()
            if role not in (who or ()):
                assert answer.status_code == 404, (method, rule)
            elif method == "GET" and not rule.arguments and rule.rule not in FRANCES:
                assert answer.status_code in {200, 302, 303}, (method, rule, answer.status_code)


@pytest.mark.parametrize("address", FRANCES)
def test_what_is_about_france_is_for_whoever_reads_the_national_figures(house: House, address: str) -> None:
    opens = 303 if "classeur.xlsx" in address else 200  # the workbook of France is written apart: its page says so
    said = {role: _status(house, role, address) for role in AccountRole}
    assert said == {REFERENT: 404, NATIONAL: opens, ADMIN: opens}


def test_only_an_administrator_touches_an_administrator(house: House) -> None:
    admin = house.accounts["admin@siao.example"].id
    page = f"/administration/comptes/{admin}"
    assert {role: _status(house, role, page) for role in AccountRole} == {REFERENT: 404, NATIONAL: 404, ADMIN: 200}


def _status(house: House, role: AccountRole, address: str) -> int:
    answer = house.signed_in(PEOPLE[role]).get(address)
    answer.close()
    return answer.status_code


def _pages() -> dict[str, str]:
    """Path → text of what people are shown: the modules of the pages, and the templates."""
    rooms = ("service", "support", "reports", "voicemail")
    paths = {path.relative_to(ROOT).as_posix(): path for room in rooms for path in (ROOT / room).rglob("*.*")}
    found = {name: path for name, path in paths.items() if A_PAGE.search(name) and "/vendor/" not in name}
    return {name: path.read_text(encoding="utf-8") for name, path in found.items()}


def test_no_page_asks_for_a_role() -> None:
    """A role is chosen, shown and stored; what somebody may do is asked of the table."""
    asking = [
        f"{name}:{number}: {line.strip()}"
        for name, text in _pages().items()
        for number, line in enumerate(text.splitlines(), 1)
        if ASKS_FOR_A_ROLE.search(line)
    ]
    assert asking == []


def test_every_permission_that_a_template_names_exists() -> None:
    """Where nothing would complain of a misspelled one: it would be refused to everybody."""
    templates = "".join(text for name, text in _pages().items() if name.endswith(".html"))
    named = set(re.findall(r"Permission\.(\w+)", templates))
    assert named
    assert named <= set(Permission.__members__)
