"""The repository keeps its own promises: the README tells the truth, and nothing foreign is committed."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from pydantic import SecretStr

from ivr.conversation.diagram import draw
from service.settings import Settings

README = Path("README.md").read_text(encoding="utf-8")
TRACKED = subprocess.run(["/usr/bin/env", "git", "ls-files"], capture_output=True, text=True, check=True).stdout.split(
    "\n"
)[:-1]

TEXTS = [
    path for path in TRACKED if path.endswith((".py", ".md", ".html", ".js", ".css", ".toml")) or path == "Makefile"
]
TEXTS.remove("tests/test_repository.py")


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""


def _sections(path: str) -> set[str]:
    """The anchors of a document's headings, as the forge makes them."""
    headings = re.findall(r"^#+ (.+)$", _text(path), re.MULTILINE)
    return {re.sub(r"[^\w-]", "", heading.lower().replace(" ", "-")) for heading in headings}


def _shown(default: object) -> str:
    value = default.get_secret_value() if isinstance(default, SecretStr) else default
    text = str(int(value)) if isinstance(value, bool) else str(value)
    return f"`{text}`" if text else "—"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_stands_in_the_readme_with_its_default_and_its_sense(name: str) -> None:
    """One line each, word for word what the code says."""
    field = Settings.model_fields[name]
    assert f"| `{name.upper()}` | {_shown(field.default)} | {field.description} |" in README


def test_the_readme_documents_no_setting_that_is_gone() -> None:
    """A setting that is deleted leaves the table too."""
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE))
    assert told == {name.upper() for name in Settings.model_fields}


def test_the_readmes_folders_are_those_of_the_tree() -> None:
    """Every top-level folder has its one question, and no other is told of."""
    told = set(re.findall(r"^\| `([a-z]+)/` \|", README, re.MULTILINE))
    assert told == {path.split("/")[0] for path in TRACKED if "/" in path and not path.startswith(".")} - {
        "requirements"
    }


def test_the_readmes_diagram_is_the_codes() -> None:
    """`make diagram` writes it again."""
    assert draw() in README


def test_every_package_that_is_installed_is_locked_with_its_hash() -> None:
    """Neither a version nor a place that somebody else decides: `pip --require-hashes`, `npm ci`."""
    for path in sorted(Path("requirements").glob("*.txt")):
        lines = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        pinned = [line for line in lines if line and not line.lstrip().startswith("#")]
        assert len(pinned) > 10
        assert [line for line in pinned if not re.match(r"[\w.\[\]-]+==[^ ]+ .*--hash=sha256:[0-9a-f]{64}", line)] == []
    packages = json.loads(Path("package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [
        name for name, told in packages.items() if name and not told.get("integrity", "").startswith("sha512-")
    ] == []
    makefile = Path("Makefile").read_text(encoding="utf-8")
    assert "npm ci" in makefile
    assert all("--require-hashes" in line for line in makefile.splitlines() if re.search(r"pip install.* -r ", line))


def test_every_dependency_says_in_the_readme_why_it_is_there() -> None:
    """One word each at least."""
    section = README.partition("## Dependencies")[2].lower()
    text = Path("pyproject.toml").read_text(encoding="utf-8")
    listed = re.search(r"^dependencies = \[\n(.*?)^\]", text, re.MULTILINE | re.DOTALL)
    assert listed
    names = re.findall(r'^    "([A-Za-z0-9-]+)', listed[1], re.MULTILINE)
    assert [name for name in names if name.lower() not in section] == []


def test_no_line_of_a_template_is_longer_than_160_characters() -> None:
    """A page is read, and compared, line by line."""
    long = {
        f"{path}:{number}": line
        for path in TRACKED
        if path.endswith(".html")
        for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 160
    }
    assert long == {}


def test_no_third_party_asset_is_committed() -> None:
    """The State's design system comes by npm, at set-up."""
    assert [path for path in TRACKED if "vendor" in path or "node_modules" in path or path.endswith(".min.js")] == []


def test_every_decision_that_is_named_stands_in_the_documents() -> None:
    """« decision 12 » leads to docs/decisions.md, where the numbers have no hole."""
    numbers = [int(number) for number in re.findall(r"^### (\d+)\. ", _text("docs/decisions.md"), re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    named = re.compile(r"\bdecisions?\s+(\d+(?:(?:, | and |–)\d+)*)", re.IGNORECASE)
    assert {
        f"{path}: decision {number}"
        for path in TEXTS
        for found in named.findall(_text(path))
        for number in re.findall(r"\d+", found)
        if int(number) not in numbers
    } == set()


def test_no_pointer_leaves_the_repository() -> None:
    """Whoever has the repository has all that it points at."""
    leaves = re.compile(r"\.\./(?:reference|shared)\b|\breference/\w+\.md|(?<![\w.])/(?:work|home|root)/\w")
    assert {path: leaves.findall(_text(path)) for path in TEXTS if leaves.search(_text(path))} == {}


def test_every_pointer_into_the_documents_leads_to_a_section() -> None:
    """`docs/file.md#section`, in code or as a link: the file is there, and a heading of that name."""
    pointer = re.compile(r"\b(docs/\w+\.md)(?:#([\w-]+))?")
    lost = []
    for path in TEXTS:
        for file, section in pointer.findall(_text(path)):
            if file not in TRACKED or (section and section not in _sections(file)):
                lost.append(f"{path}: {file}#{section}")
    assert lost == []


def test_every_link_between_the_documents_leads_somewhere() -> None:
    """A link is relative to the page on which it stands."""
    pages = [path for path in TRACKED if path.endswith(".md")]
    links = {(page, link) for page in pages for link in re.findall(r"\]\(([\w./-]+)\)", _text(page))}
    assert {(page, link) for page, link in links if not Path(page).parent.joinpath(link).exists()} == set()


def test_every_file_of_code_opens_with_a_sentence() -> None:
    """What the module is for, first of all."""
    bare = []
    for path in TRACKED:
        if path.endswith(".py") and Path(path).exists():
            text = Path(path).read_text(encoding="utf-8").lstrip()
            if not text.startswith(('"""', 'r"""')):
                bare.append(path)
    assert bare == []


PRODUCT = ("ivr", "routing", "records", "voicemail", "support", "reports", "service", "simulator")


def test_no_folder_of_the_product_is_crowded() -> None:
    """Fifteen files at the most, so that whoever looks for something finds it in one guess; steps have a number."""
    folders = Counter(str(Path(path).parent) for path in TRACKED if path.split("/")[0] in PRODUCT)
    del folders["records/schema/migrations/versions"]
    assert {folder: number for folder, number in folders.items() if number > 15} == {}


OPERATORS_WORDS = re.compile(
    r"X-Twilio|TwiML|\b(CallSid|CallStatus|CallDuration|ParentCallSid|Dial(Call\w+|Bridged)|ForwardedFrom|ErrorCode"
    r"|Recording(Sid|Status|Duration)|SpeechResult)\b|[\"']Digits[\"']|\{Digits"
)


def test_an_operators_words_stay_in_its_folder() -> None:
    """A second operator is one folder and one line of `service/wiring/operator.py`."""
    theirs = ("ivr/operator/twilio/", "simulator/", "tests/")
    ours = [path for path in TRACKED if path.endswith((".py", ".html", ".js")) and not path.startswith(theirs)]
    assert [path for path in ours if OPERATORS_WORDS.search(Path(path).read_text(encoding="utf-8"))] == []


def test_no_two_classes_of_the_product_bear_one_name() -> None:
    """Whoever searches for a class finds the one that is meant."""
    where: dict[str, list[str]] = defaultdict(list)
    for path in TRACKED:
        if path.endswith(".py") and not path.startswith("tests/") and Path(path).exists():
            tree = ast.parse(Path(path).read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    where[node.name].append(path)
    assert {name: paths for name, paths in where.items() if len(paths) > 1} == {}


def test_a_link_that_dials_is_made_in_one_place_which_warns_of_numbers_not_to_call() -> None:
    """A caller's number is anybody's claim: no page makes a link of it by itself (decision 40)."""
    assert [path for path in TEXTS if path.endswith(".html") and "tel:" in _text(path)] == [
        "service/templates/macros.html"
    ]
