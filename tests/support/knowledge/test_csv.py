"""The file of articles as people fill it: read whatever wrote it, refused whole, unchanged by a round trip."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import Engine

from records.database import reading
from records.refusals import ChangeRefused
from support.knowledge.articles import ArticleText
from support.knowledge.changing import retire_article, write_article
from support.knowledge.csv_file import ArticlesRefused, read_articles, read_day, write_articles
from support.knowledge.importing import export_articles, import_articles, plan_import
from support.knowledge.sample import SAMPLE
from support.knowledge.store import all_articles
from support.nomenclature.entries import first_nomenclature
from tests.support.house import NOW
from tests.support.knowledge.sample import acting, with_sample

TODAY = NOW.date()
HEADER = "titre;adresse;profils;sous_motifs;resume;verifie_le\n"
LINE = "Un titre;https://a.example/1;Opérateur SIAO;Fusion des ménages;Un résumé.;24/11/2026\n"


def problems(text: str | bytes) -> list[tuple[int, str, str]]:
    content = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(ArticlesRefused) as refused:
        read_articles(content, first_nomenclature(), TODAY)
    return [(one.line, one.column, one.reason) for one in refused.value.problems]


def read(text: str | bytes) -> list[ArticleText]:
    content = text if isinstance(text, bytes) else text.encode()
    return [line.over(None) for line in read_articles(content, first_nomenclature(), TODAY)]


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + LINE).encode(),
        ("\ufeff" + HEADER + LINE).encode(),
        (HEADER + LINE).encode("cp1252"),
        (HEADER + LINE).replace("\n", "\r\n").encode(),
        "Titre,ADRESSE,Profil,Sous-motifs,Résumé,Vérifié le\n"
        "Un titre,https://a.example/1,operateur-siao,fusion des menages,Un résumé.,2026-11-24\n".encode(),
        'Vérifié le;Lien;Titre;"Sous motifs";resume;profils\n'
        '24 novembre 2026;HTTPS://A.example/1; Un  titre;"Gestion du ménage > Fusion des ménages";Un résumé.;'
        "opérateurs siao\n".encode(),
    ],
)
def test_a_file_is_read_whatever_wrote_it(content: bytes) -> None:
    """BOM or none, Windows-1252, commas, any order, headings with accents and capitals, dates as one says them."""
    (one,) = read(content)
    assert (one.title, one.address, one.summary) == ("Un titre", "https://a.example/1", "Un résumé.")
    assert one.profiles == ("operateur-siao",)
    assert [wording.sous_motif for wording in one.sous_motifs] == ["Fusion des ménages"]
    assert one.checked_on == date(2026, 11, 24)


def test_lists_are_parted_by_bars_or_line_breaks_and_a_shared_name_says_where() -> None:
    profiles = '"Nouvel utilisateur\nUtilisateurs hébergement | gestionnaire local"'
    sous_motifs = '"Affichage\nÉvolutions › Proposition d’évolution › Ménage"'
    (one,) = read(f"{HEADER}T;https://a.example/;{profiles};{sous_motifs};;\n")
    assert one.profiles == ("nouvel-utilisateur", "hebergement", "gestionnaire-local")
    assert {wording.sous_motif for wording in one.sous_motifs} == {"Affichage", "Ménage"}
    ambiguous = problems(HEADER + "T;https://a.example/;;Ménage;;\n")
    assert ambiguous[0][:2] == (2, "sous_motifs")
    assert "plusieurs sous-motifs" in ambiguous[0][2]


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("24/11/2026", (2026, 11, 24)), ("3.2.26", (2026, 2, 3)), ("2026-02-03 00:00:00", (2026, 2, 3)),
        ("1er août 2026", (2026, 8, 1)), ("mardi 3 févr. 2026", (2026, 2, 3)), ("03-02-2026", (2026, 2, 3)),
    ],
)  # fmt: skip
def test_days_are_read_as_people_write_them(typed: str, day: tuple[int, int, int]) -> None:
    assert read_day(typed) == date(*day)


@pytest.mark.parametrize("typed", ["hier", "31/02/2026", "12", "3 jui 2026", "2026", "24/11/20266", "45000"])
def test_what_is_no_day_is_refused(typed: str) -> None:
    with pytest.raises(ChangeRefused):
        read_day(typed)


def test_every_bad_line_is_in_one_report_with_its_number_column_value_and_reason() -> None:
    found = problems(
        HEADER + ";javascript:alert(1);roi;Xylophone;;demain\n" + LINE + LINE
        + f"{'a' * 201};https://u:p@a.example/;;;{'b' * 601};01/01/2027\n" + "a;https://a.example/2;;;;;trop\n"
    )  # fmt: skip
    assert [(line, column) for line, column, _ in found] == [
        (2, "adresse"), (2, "profils"), (2, "sous_motifs"), (2, "titre"), (2, "verifie_le"), (4, "adresse"),
        (5, "adresse"), (5, "resume"), (5, "titre"), (5, "verifie_le"), (6, ""),
    ]  # fmt: skip
    assert found[5][2] == "même adresse que la ligne 3"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "colonne absente"), ("titre;resume\na;b\n", "colonne absente"), ("titre;titre;adresse\n", "deux fois"),
        ("titre;adresse;soumotif\n", "colonne inconnue"), (HEADER + '"jamais fermé', "jamais fermé"),
        (b"a" * 2_000_001, "trop gros"), (b"\x81\x8d;\xff", "mauvais encodage"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_ours_says_why(text: str | bytes, reason: str) -> None:
    assert reason in problems(text)[0][2]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_a_file_in_any_usual_encoding_is_read(encoding: str) -> None:
    (article,) = read((HEADER + LINE).encode(encoding))
    assert article.summary == "Un résumé."


@pytest.mark.parametrize(
    ("content", "damaged"),
    [
        ((HEADER + LINE.replace("résumé", "rÃ©sumÃ©")).encode(), [(2, "resume")]),
        ((HEADER + LINE.replace("titre", "titr\ufffd")).encode(), [(2, "titre")]),
        ((HEADER + LINE).encode("mac_roman"), [(2, "profils"), (2, "resume"), (2, "sous_motifs")]),
    ],
)
def test_letters_that_a_wrong_encoding_has_damaged_are_refused(content: bytes, damaged: list[tuple[int, str]]) -> None:
    found = problems(content)
    assert [(line, column) for line, column, _ in found] == damaged
    assert all("mauvais encodage" in reason for *_, reason in found)


def test_a_question_in_a_title_or_an_address_is_no_damage() -> None:
    (article,) = read(
        HEADER + LINE.replace("Un titre", "Comment fusionner?").replace("example/1", "example/?a=1&eacute=2")
    )
    assert article.title == "Comment fusionner?"


def test_a_bad_file_changes_nothing(engine: Engine) -> None:
    with pytest.raises(ArticlesRefused):
        import_articles(acting(engine), (HEADER + LINE + ";;;;;\nx;y;;;;\n").encode())
    with reading(engine) as connection:
        assert all_articles(connection, retired=True) == []


def test_a_round_trip_changes_nothing(engine: Engine) -> None:
    assert len(with_sample(engine).added) == 50
    hostile = ArticleText("=1+1", "https://a.example/?q=%22;x", (), (), '\'@cmd | "guillemets" ; points', None)
    number = write_article(acting(engine), replace(hostile, title="'=déjà"))
    write_article(acting(engine), replace(hostile, address="https://a.example/2"))
    with reading(engine) as connection:
        text = export_articles(connection, TODAY)
        plan = plan_import(connection, text.encode(), TODAY)
        same = plan_import(connection, SAMPLE.read_bytes(), TODAY)
    assert (plan.added, plan.changed, plan.restored, plan.absent, plan.unchanged) == ((), (), (), (), 52)
    assert "\n'=1+1;" in text.replace("\r", "")
    assert same.absent[0].id == number


def test_an_import_says_what_it_changes_and_retires_only_where_asked(engine: Engine) -> None:
    with_sample(engine)
    with reading(engine) as connection:
        first, second, third, *_ = all_articles(connection)
    retire_article(acting(engine), third.id)
    lines = (
        f"{first.title};{first.address};\nAutrement;{second.address};nouvel utilisateur\n"
        f"{third.title};{third.address};\nNouveau;https://a.example/1;\n"
    )
    content = ("titre;adresse;profils\n" + lines).encode()
    with reading(engine) as connection:
        plan = plan_import(connection, content, TODAY)
    assert [text.title for text in plan.added] == ["Nouveau"]
    assert "Autrement" in [change.text.title for change in plan.changed]
    assert [change.article.id for change in plan.restored] == [third.id]
    assert len(plan.absent) == 47
    import_articles(acting(engine), content, seen=plan.stamp)
    with reading(engine) as connection:
        assert len(all_articles(connection)) == 51
        kept = next(one for one in all_articles(connection) if one.id == second.id)
    assert (kept.title, kept.summary) == ("Autrement", second.summary)
    with pytest.raises(ChangeRefused) as refused:
        import_articles(acting(engine), content, seen=plan.stamp)
    assert refused.value.field == "version"
    import_articles(acting(engine), content, retire_absent=True)
    with reading(engine) as connection:
        assert len(all_articles(connection)) == 4


def test_the_file_names_a_shared_sous_motif_whole() -> None:
    named = [
        entry.wording for entry in first_nomenclature().entries if entry.wording.sous_motif in {"Ménage", "Affichage"}
    ]
    text = write_articles([ArticleText("T", "https://a.example/", (), tuple(named))], first_nomenclature())
    assert "Affichage | Assistance technique et anomalie › Incidents techniques › Ménage" in text
    assert set(read(text)[0].sous_motifs) == set(named)
