"""What callers say and how a recogniser may write it: generated from the 107 départements, and by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from random import Random

from routing.departements import departements

DIGITS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")

SENTENCES = (
    "{}.",
    "le {}",
    "euh {}",
    "euh le {} s'il vous plaît",
    "département {}",
    "Le département {}.",
    "le numéro {}",
    "c'est pour le {}",
    "je voudrais le {} s'il vous plaît",
    "bonjour, le {}, merci",
    "je suis dans le {}",
    "oui bonjour, je voudrais joindre le référent du {}",
    "SIAO {}",
)
"""Ways of wrapping a number."""

NAMED_SENTENCES = (
    "{}.",
    "euh {}",
    "c'est pour {}",
    "département {}",
    "je voudrais {} s'il vous plaît",
    "bonjour, {}, merci",
    "SIAO {}",
    "je vous appelle pour {}",
)
"""Ways of wrapping a name."""

BELGIAN = (("soixante-dix", 70), ("soixante", 60), ("quatre-vingt-dix", 90), ("quatre-vingt", 80))


@dataclass(frozen=True, slots=True)
class Form:
    """A recogniser's text; `codes` is what it must lead to: one code, or the choice that must be offered."""

    text: str
    codes: tuple[str, ...]
    how: str


def generated() -> list[Form]:
    """Every form of every département, the same ones each time."""
    chance = Random(3)
    forms = [form for code in departements() for form in _forms_of(code, chance)]
    return list({(form.text, form.codes): form for form in forms}.values())


def _forms_of(code: str, chance: Random) -> Iterator[Form]:
    name, spoken, of = departements()[code].name, departements()[code].spoken, departements()[code].de
    for number in (spoken, code.lower() if chance.random() < 0.5 else code):
        yield Form(number, (code,), "number")
        for sentence in chance.sample(SENTENCES, 5):
            yield Form(sentence.format(number), (code,), "number in a sentence")
    for text in _split(code, spoken):
        yield Form(text, (code,), "number in pieces")
    for text in (name, of, with_article(of), name.upper(), bare(name), f"{code}, {name}", f"{name}, {spoken}"):
        yield Form(text, (code,), "name")
    for sentence in chance.sample(NAMED_SENTENCES, 5):
        yield Form(sentence.format(with_article(of)), (code,), "name in a sentence")
    for text in _damaged(name, chance):
        yield Form(text, (code,), "name with a letter wrong")


def _split(code: str, spoken: str) -> Iterator[str]:
    """A number in the pieces that people say or recognisers write."""
    if code.isdigit():
        yield " ".join(DIGITS[int(one)] for one in code)
        yield " ".join(code)
        yield "-".join(code)
        yield f"le {' '.join(DIGITS[int(one)] for one in code)}"
        yield f"{code}000" if len(code) == 2 else f"{code}00"
    if len(code) == 3:
        yield f"{code[:2]} {code[2]}"
        yield f"{code[0]} {code[1:]}"
        yield f"{code[0]} cent {code[1:]}"
    yield spoken.replace("-", " ")
    yield spoken.replace("-", " ").upper()
    yield from _belgian(code)
    if code.isdigit() and len(code) == 2:
        tens = {"7": "60 1", "9": "4 20 1"}.get(code[0])
        if tens:
            yield f"{tens}{code[1]}"
        if code[0] == "8" and code != "80":
            yield f"4 20 {code[1]}"
            yield f"quatre vingts {DIGITS[int(code[1])]}"


def _belgian(code: str) -> Iterator[str]:
    tens = {"7": ("septante",), "8": ("huitante", "octante"), "9": ("nonante",)}.get(code[0], ())
    for ten in tens if len(code) == 2 else ():
        unit = int(code[1])
        yield ten if unit == 0 else f"{ten}-{DIGITS[unit]}" if unit > 1 else f"{ten} et un"


def with_article(of: str) -> str:
    """« de la Creuse » → « la Creuse »; a name without an article stays bare."""
    for start, article in (("de la ", "la "), ("de La ", "La "), ("de l'", "l'"), ("du ", "le "), ("des ", "les ")):
        if of.startswith(start):
            return article + of.removeprefix(start)
    return of.removeprefix("de ").removeprefix("d'")


def bare(text: str) -> str:
    """Lower case, without accents, hyphens and apostrophes."""
    plain = text.lower().translate(str.maketrans("éèêëàâîïôûç", "eeeeaaiiouc"))
    return plain.replace("-", " ").replace("'", " ")


def _damaged(name: str, chance: Random) -> Iterator[str]:
    """Two spellings of a long name with one letter lost or doubled, never the first one."""
    if len(name) < 8:
        return
    places = [at for at, one in enumerate(name) if at and one.isalpha()]
    lost, doubled = chance.sample(places, 2)
    yield name[:lost] + name[lost + 1 :]
    yield name[:doubled] + name[doubled] + name[doubled:]


HEARD_ALIKE: tuple[tuple[str, ...], ...] = (
    *(("66", "70", "76"), ("67", "76", "77"), ("64", "74"), ("63", "73"), ("61", "71"), ("65", "75", "76")),
    *(("85", "86", "87", "88"), ("91", "93", "95"), ("55", "57"), ("13", "16"), ("06", "10"), ("62", "72")),
    *(("82", "92"), ("84", "94")),
)
"""Numbers that a recogniser takes for one another (docs/france.md#heard-alike, and the nearest analogies)."""

NAMES_HEARD_ALIKE: tuple[tuple[str, ...], ...] = (
    *(("07", "08"), ("42", "45"), ("31", "47"), ("51", "81"), ("52", "31"), ("18", "32"), ("30", "83"), ("21", "22")),
    *(("64", "66"), ("01", "02"), ("42", "41"), ("10", "11")),
)
"""The same for names."""


def misheard() -> Iterator[Form]:
    """The caller says one, the recogniser writes its neighbour, sure of itself: nothing of it may be certain."""
    for family in HEARD_ALIKE:
        for meant, written in permutations(family, 2):
            yield Form(f"le {departements()[written].spoken}", (meant,), "misheard")
            yield Form(written, (meant,), "misheard")
    for family in NAMES_HEARD_ALIKE:
        for meant, written in permutations(family, 2):
            yield Form(with_article(departements()[written].de), (meant,), "misheard")


_BY_HAND: Mapping[str, str] = {
    "Le 93.": "93",
    "C'est le neuf-trois.": "93",
    "le neuf cube": "93",
    "neuf-cube": "93",
    "le 9 cube": "93",
    "SIAO du neuf cube": "93",
    "neuf tube": "93",
    "le neuf deux": "92",
    "C'est le neuf-quatre.": "94",
    "quatre-vingt-quinze": "95",
    "neuf cinq": "95",
    "le neuf un": "91",
    "sept cinq": "75",
    "le sept-sept": "77",
    "le sept huit": "78",
    "six neuf": "69",
    "vingt mille": "2A",
    "vingt mille deux cents": "2B",
    "deux A en Corse": "2A",
    "je dors dehors, à Lyon": "69",
    "Seine Saint Denis": "93",
    "seine st-denis": "93",
    "Sein Saint-Denis": "93",
    "93 Seine Saint-Denis.": "93",
    "Euh… quatre vingt treize": "93",
    "quatre-vingts treize s'il vous plaît": "93",
    "4 20 13": "93",
    "quatre vin treize": "93",
    "60 15": "75",
    "75 Paris": "75",
    "Paris": "75",
    "SIAO Paris": "75",
    "Ville de Paris département 75": "75",
    "je suis sur Paris": "75",
    "75011": "75",
    "75 0 11": "75",
    "13 001": "13",
    "Marseille Bouches du Rhône": "13",
    "Les Bouches-du-Rhône.": "13",
    "bouche du Rhône": "13",
    "Le Rhône, 69.": "69",
    "Lyon": "69",
    "Le nord": "59",
    "Nord 59": "59",
    "Lille dans le Nord": "59",
    "Pas de Calais": "62",
    "le pas-de-calais soixante-deux": "62",
    "Île-et-Vilaine": "35",
    "Ille et Villaine": "35",
    "l'île et Vilaine": "35",
    "Rennes": "35",
    "Finistere": "29",
    "le Morbihan": "56",
    "more bihan": "56",
    "Morbian": "56",
    "Côtes d'Armor": "22",
    "Côte d'armor": "22",
    "côtes d'or": "21",
    "Le Loir-et-Cher": "41",
    "Loire et Cher": "41",
    "Eure et Loire": "28",
    "heure et Loir": "28",
    "l'heure": "27",
    "L'Eure.": "27",
    "Indre et Loire": "37",
    "L'Indre": "36",
    "Maine et Loire": "49",
    "la Loire Atlantique": "44",
    "Haute Loire": "43",
    "la Loire": "42",
    "hein": "01",
    "l'Ain": "01",
    "L'un.": "01",
    "zéro un": "01",
    "01": "01",
    "L'Aisne": "02",
    "la haine": "02",
    "Les Héros": "34",
    "l'erreau": "34",
    "Hérault": "34",
    "Le Gers.": "32",
    "jerse": "32",
    "le gars": "30",
    "Mayot": "976",
    "Mayotte 976": "976",
    "neuf sept six": "976",
    "neuf cent soixante seize": "976",
    "9 cent 76": "976",
    "l'île de la Réunion": "974",
    "La réunion 974": "974",
    "97 4": "974",
    "97400": "974",
    "Saint-Barth": "977",
    "97133": "977",
    "97150": "978",
    "Saint Martin": "978",
    "Saint Pierre et Miquelon": "975",
    "Guadeloupe": "971",
    "Guyanne": "973",
    "la Nouvelle Calédonie": "988",
    "Wallis et Futuna": "986",
    "Tahiti": "987",
    "deux A": "2A",
    "2 à": "2A",
    "De la.": "2A",
    "Corse du Sud": "2A",
    "vingt A": "2A",
    "20 206": "2B",
    "2B": "2B",
    "deux bé": "2B",
    "Haute-Corse": "2B",
    "deux B comme Bernard": "2B",
    "Corse": "2A 2B",
    "la Corse, vingt": "2A 2B",
    "20": "2A 2B",
    "Territoire de Belfort": "90",
    "Belfort": "90",
    "Val d'Oise": "95",
    "Valdoise": "95",
    "val-de-marne 94": "94",
    "hauts de seine": "92",
    "Haute Seine": "92",
    "eau de Seine": "92",
    "l'Essonne": "91",
    "les sonnes": "91",
    "les Yvelines": "78",
    "Les ivelines": "78",
    "Seine et Marne": "77",
    "Seine maritime": "76",
    "les Deux Sèvres": "79",
    "2 sèvres": "79",
    "Puy de dôme": "63",
    "Clermont-Ferrand": "63",
    "Meurthe et Moselle": "54",
    "Meurt et Moselle": "54",
    "Pyrénées Atlantiques": "64",
    "Haute Pyrénées": "65",
    "alpes maritimes": "06",
    "les Alpes de haute Provence": "04",
    "la haute Savoie": "74",
    "74": "74",
    "Dordogne vingt-quatre": "24",
    "Corèze": "19",
    "le doux": "25",
    "le 75 non pardon le 77": "77",
    "Bonjour, j'ai un problème de connexion, je suis dans le 59": "59",
    "bonjour je travaille au SIAO de la Dordogne et j'ai perdu mon mot de passe": "24",
    "je suis à Lille et je n'arrive pas à me connecter": "59",
    "oui bonjour c'est l'association des Vosges": "88",
    "Saint-Denis": "93 974",
}


def by_hand() -> list[Form]:
    """Recogniser outputs as a person imagines them after reading real ones; two codes: a choice is to be offered."""
    return [Form(text, tuple(codes.split()), "by hand") for text, codes in _BY_HAND.items()]


NONSENSE = (
    *("", " ", ".", "…", "allô", "allô allô ?", "bonjour", "Bonjour madame.", "merci", "s'il vous plaît", "euh", "oui"),
    *("non", "ok", "d'accord", "je sais pas", "attendez", "un instant s'il vous plaît", "ne quittez pas", "pardon ?"),
    *("vous m'entendez ?", "je ne comprends pas", "quel numéro ?", "comment", "répétez s'il vous plaît", "zut", "0"),
    *("zéro", "zéro zéro", "99", "96", "97", "98", "100", "979", "989", "984", "999", "1234", "2026", "123456789"),
    *(
        "06 39 98 12 34",
        "zéro un quatre-vingt-dix-neuf zéro zéro douze trente-quatre",
        "115",
        "cent quinze",
        "onze cinq",
    ),
    *(
        "deux cents",
        "200",
        "2 cents",
        "deux cent un",
        "deux cent deux",
        "le 206",
        "deux zéro un",
        "deux cents zéro zéro",
    ),
    *("c'est deux cents", "trois cents", "neuf cents", "deux mille", "cent un", "cube", "le cube"),
    *("quatre-vingt-seize", "quatre-vingt-dix-neuf", "mille", "deux mille vingt-six", "neuf heures trente", "3 jours"),
    *("il est dix heures", "j'ai 42 ans", "il y a 2 personnes", "Bretagne", "Normandie", "Île-de-France", "Occitanie"),
    *("l'Europe", "Bruxelles", "Genève", "Québec", "mot de passe", "j'ai perdu mon mot de passe", "c'est trop cher"),
    *("on est deux à avoir le problème", "un problème de connexion", "une dame et ses trois enfants", "la télévision"),
    *("tu as vu le match hier soir", "passe-moi le sel", "il pleut", "ha ha ha", "bip bip", "musique", "😀😀", "مرحبا"),
    *("你好", "\x00\x00", "hello how are you", "thirty four", "guten Tag", "<script>", "' OR 1=1 --", "{0}", "%s"),
    *("azertyuiop", "xkcd", "mmmh", "pff", "chut", "Marie, tu peux fermer la porte ?", "je rappelle plus tard"),
)
"""What must never be certain; nothing of it is a département."""
