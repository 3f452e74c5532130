"""Links are asked politely, of the public Internet alone, and dead after two failures in a row on different days."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from records.database import open_database, writing
from records.schema.knowledge_tables import articles
from service.running.working.scheduled import jobs
from service.settings import read_settings
from support.knowledge.links.checking import PAUSE, LinkChecks
from support.knowledge.links.fetching import Fetcher, is_public
from support.knowledge.links.judging import Link, LinkState, Probe, judged
from support.knowledge.links.store import count_dead
from tests.support.house import NOW, Clock

AGENT = "Assistance-SI-SIAO (+https://assistance.siao.example; contact@siao.example)"


@dataclass
class Site:
    """A web server of this machine, and what it was asked."""

    answers: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    """By method and path: the status, and where it sends on."""
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)
    url: str = ""
    sent: int = 0
    """Bytes of a body that were taken before the other side hung up."""


@pytest.fixture
def site() -> Iterator[Site]:
    """On a loopback port."""
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            heard = (self.command, self.path, self.headers.get("Host", ""), self.headers.get("User-Agent", ""))
            found.asked.append(heard)
            status, location = found.answers.get((self.command, self.path), (200, ""))
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.end_headers()
            if self.path == "/endless":
                self.pour()

        do_GET = do_HEAD = answer  # noqa: N815 - the library's names

        def pour(self) -> None:
            try:
                for _ in range(10_000):
                    self.wfile.write(b"x" * 65_536)
                    found.sent += 65_536
            except OSError:
                self.close_connection = True

        def log_message(self, *_said: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetcher() -> Fetcher:
    return Fetcher(AGENT, allows_private=True)


def test_a_head_is_enough_and_says_who_asks(site: Site, fetcher: Fetcher) -> None:
    assert fetcher.probe(f"{site.url}/page?x=1#partie") == Probe(200)
    host = site.url.removeprefix("http://")
    assert site.asked == [("HEAD", "/page?x=1", host, AGENT)]


@pytest.mark.parametrize("status", [403, 404, 405, 500, 501])
def test_where_head_is_refused_the_page_itself_is_asked(site: Site, fetcher: Fetcher, status: int) -> None:
    site.answers["HEAD", "/"] = (status, "")
    assert fetcher.probe(f"{site.url}/") == Probe(200)
    assert [method for method, *_ in site.asked] == ["HEAD", "GET"]
    site.answers["GET", "/"] = (404, "")
    assert fetcher.probe(f"{site.url}/") == Probe(404)


def test_nothing_of_a_page_is_read_but_its_headers(site: Site, fetcher: Fetcher) -> None:
    site.answers["HEAD", "/endless"] = (405, "")
    assert fetcher.probe(f"{site.url}/endless") == Probe(200)
    assert site.sent < 50_000_000


def test_a_move_for_good_is_told_and_one_for_now_is_not(site: Site, fetcher: Fetcher) -> None:
    site.answers |= {
        ("HEAD", "/a"): (301, "/b"), ("HEAD", "/b"): (308, f"{site.url}/c"), ("HEAD", "/d"): (302, "/c"),
        ("HEAD", "/e"): (301, "/d"),
    }  # fmt: skip
    assert fetcher.probe(f"{site.url}/a") == Probe(200, moved_to=f"{site.url}/c")
    assert fetcher.probe(f"{site.url}/d") == Probe(200)
    assert fetcher.probe(f"{site.url}/e") == Probe(200, moved_to=f"{site.url}/d")


def test_five_redirects_are_followed_and_no_more(site: Site, fetcher: Fetcher) -> None:
    site.answers |= {("HEAD", f"/{step}"): (302, f"/{step + 1}") for step in range(6)}
    assert fetcher.probe(f"{site.url}/1").status == 200
    assert fetcher.probe(f"{site.url}/0") == Probe(problem="Plus de 5 redirections de suite.")


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://a.example/", "http://user:secret@127.0.0.1/", "http://", "//[", "gopher:x"],
)
def test_a_redirect_to_what_is_no_page_is_not_followed(site: Site, fetcher: Fetcher, location: str) -> None:
    site.answers["HEAD", "/"] = (302, location)
    assert fetcher.probe(f"{site.url}/").status is None


def test_what_does_not_answer_is_a_sentence(fetcher: Fetcher) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert fetcher.probe(f"http://127.0.0.1:{port}/") == Probe(problem="Le site ne répond pas.")
    assert fetcher.probe("http://nulle-part.invalid/").problem == "Le nom du site n’existe pas, ou plus."
    assert fetcher.probe(f"http://{'a' * 70}.example/").problem == "Le nom du site n’existe pas, ou plus."


# ---------------------------------------------------------------- never inside our own network


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "10.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.169.254", "[fe80::1]",
        "[fc00::1]", "0", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "2130706433", "0x7f000001", "100.64.0.1",
        "224.0.0.1", "127.1",
    ],
)  # fmt: skip
def test_no_address_of_a_private_network_is_asked(site: Site, host: str) -> None:
    """The last ones are other spellings of this machine's own."""
    probe = Fetcher(AGENT).probe(f"http://{host}:{site.url.rpartition(':')[2]}/")
    assert probe.status is None
    assert site.asked == []
    assert "réseau privé" in probe.problem or "n’existe pas" in probe.problem


def test_a_public_site_cannot_send_us_inside(site: Site) -> None:
    """The address of each redirect is looked at like the first one."""
    site.answers["HEAD", "/"] = (302, "http://169.254.169.254/latest/meta-data/")

    @dataclass(frozen=True, slots=True)
    class FromOutside(Fetcher):
        def _place(self, parts: Any) -> str:
            return "127.0.0.1" if parts.hostname == "public.example" else Fetcher._place(self, parts)

    port = site.url.rpartition(":")[2]
    assert "réseau privé" in FromOutside(AGENT).probe(f"http://public.example:{port}/").problem
    assert [host for _, _, host, _ in site.asked] == [f"public.example:{port}"], "the name stays in the question"


@pytest.mark.parametrize("place", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_the_public_internet_is_public(place: str) -> None:
    assert is_public(place)


# ---------------------------------------------------------------- what it means


LINK = Link(1, "https://base.example/a", LinkState.UNKNOWN, None, 0)


def after(*probes: tuple[float, Probe]) -> Link:
    """The link after these answers, each so many days after the moment of the tests."""
    link = LINK
    for days, probe in probes:
        link = judged(link, probe, NOW + timedelta(days=days))
    return link


GONE, GOOD = Probe(404), Probe(200)


def test_dead_is_what_failed_twice_in_a_row_on_different_days() -> None:
    assert after((0, GONE)).state is LinkState.UNKNOWN
    assert after((0, GONE), (0.1, GONE), (0.2, GONE)).state is LinkState.UNKNOWN
    assert after((0, GONE), (1, GONE)).state is LinkState.DEAD
    assert after((0, GONE), (1, GOOD), (2, GONE)).state is LinkState.OK
    assert after((0, GOOD), (7, GONE)).state is LinkState.OK
    assert after((0, GONE), (1, GONE), (8, GOOD)) == replace(
        LINK, state=LinkState.OK, checked_at=NOW + timedelta(days=8)
    )


@pytest.mark.parametrize("status", [401, 403, 429])
def test_a_site_that_refuses_programs_is_not_dead(status: int) -> None:
    found = after((0, Probe(status)), (7, Probe(status)), (14, Probe(status)))
    assert (found.state, found.failures) == (LinkState.UNKNOWN, 0)
    assert str(status) in (found.error or "")


def test_what_is_kept_of_an_answer_fits_its_column() -> None:
    assert len(after((0, Probe(200, moved_to="https://a.example/" + "b" * 500))).error or "") == 200
    assert len(after((0, Probe(problem="p" * 500))).error or "") == 200


def test_a_link_is_due_each_week_and_the_day_after_its_first_failure() -> None:
    fine, failed, dead = after((0, GOOD)), after((0, GONE)), after((0, GONE), (1, GONE))
    assert [fine.is_due(NOW + timedelta(days=days)) for days in (0, 1, 6, 7)] == [False, False, False, True]
    assert [failed.is_due(NOW + timedelta(days=days)) for days in (0, 0.2, 1)] == [False, False, True]
    assert [dead.is_due(NOW + timedelta(days=days)) for days in (2, 7, 8)] == [False, False, True]
    assert LINK.is_due(NOW)


# ---------------------------------------------------------------- a round


def add(engine: Engine, *addresses: str) -> None:
    with writing(engine) as connection:
        for address in addresses:
            connection.execute(
                insert(articles).values(
                    title=address, address=address, profiles="", summary="", search_text="", added_at=NOW,
                    changed_at=NOW, changed_by="test", link_state="unknown", link_failures=0,
                )
            )  # fmt: skip


@dataclass
class Round:
    """Rounds over the links, what was asked and how long was waited."""

    engine: Engine
    answers: Callable[[str], Probe]
    clock: Clock = field(default_factory=Clock)
    asked: list[str] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)

    def work(self) -> int:
        """One round."""
        return LinkChecks(self.engine, self.clock, self.ask, self.waited.append).work()

    def ask(self, address: str) -> Probe:
        """Note the question."""
        self.asked.append(address)
        return self.answers(address)


def test_a_round_asks_each_link_once_a_week_and_waits_before_the_same_site(engine: Engine) -> None:
    add(engine, "https://un.example/a", "https://un.example/b", "https://deux.example/")
    rounds = Round(engine, lambda address: GONE if address.endswith("b") else GOOD)
    assert rounds.work() == 3
    assert rounds.waited == [PAUSE]
    assert rounds.work() == 0
    rounds.clock.advance(days=1)
    assert rounds.work() == 1
    with writing(engine) as connection:
        row = connection.execute(select(articles).where(articles.c.title == "https://un.example/b")).one()
        assert count_dead(connection) == 1
    assert (row.link_state, row.link_failures, row.link_error) == ("dead", 2, "Le site répond 404.")
    assert row.changed_at == NOW, "the article itself has not changed"
    rounds.clock.advance(days=7)
    assert rounds.work() == 3


def test_an_answer_about_an_old_address_is_dropped(engine: Engine) -> None:
    add(engine, "https://un.example/a")

    def moved(_address: str) -> Probe:
        with writing(engine) as connection:
            connection.execute(articles.update().values(address="https://un.example/nouveau"))
        return GONE

    Round(engine, moved).work()
    with writing(engine) as connection:
        assert connection.execute(select(articles.c.link_failures)).scalar_one() == 0


@pytest.mark.parametrize("is_on", [False, True])
def test_links_are_checked_only_where_the_setting_says_so(tmp_path: Any, is_on: bool) -> None:
    url = f"sqlite:///{tmp_path / 'x.sqlite'}"
    settings = read_settings(demo=True, var_dir=tmp_path, database_url=url, link_checks=is_on, secret_key="made-up")
    engine = open_database(url)
    assert ("liens des articles" in {job.name for job in jobs(settings, engine)}) == is_on
    engine.dispose()
