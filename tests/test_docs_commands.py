"""Hold every `dacompare ...` line of the documentation to the commands and options that there are."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from dacompare.cli import app
from dacompare.domains.fetching import DATASETS
from dacompare.recipe import list_recipes, load_recipes

ROOT = Path(__file__).parent.parent
PAGES = [
    *(
        ROOT / name
        for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "baselines/README.md", "reports/README.md")
    ),
    *sorted((ROOT / "docs").rglob("*.md")),
]
PLACEHOLDER = re.compile(r"[A-Z]+")


def _lines():
    """Return the page and the words of every command, in blocks and between backticks."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        blocks = re.findall(r"^ *```[a-z]*\n(.*?)^ *```", text, flags=re.S | re.M)
        lines = [line.strip() for block in blocks for line in block.replace("\\\n", " ").splitlines()]
        rest = re.sub(r"^ *```.*?^ *```", "", text, flags=re.S | re.M)
        inline = [" ".join(code.split()) for code in re.findall(r"`(dacompare [^`]+)`", rest)]
        for line in [*(line for line in lines if re.match(r"dacompare [a-z-]", line)), *inline]:
            found.append((page.relative_to(ROOT).as_posix(), shlex.split(line, comments=True)[1:]))
    return found


LINES = _lines()


def _parse(words):
    """Return the command's name and its parameters, as click reads them; nothing is run."""
    group = get_command(app)
    context = group.make_context("dacompare", list(words))
    name, command, rest = group.resolve_command(context, list(words))
    return name, command.make_context(name, rest, parent=context).params


def test_there_are_commands_on_the_pages():
    assert len(LINES) > 20
    assert {words[0] for _, words in LINES} >= {"list", "run", "render", "fetch", "study"}


@pytest.mark.parametrize(
    ("page", "words"), LINES, ids=lambda value: " ".join(value) if isinstance(value, list) else value
)
def test_a_command_on_a_page_can_be_given(page, words):
    if len(words) == 1 and words[0] != "list":  # `dacompare run` in a sentence names the command
        assert words[0] in get_command(app).commands
        return
    name, params = _parse(words)
    named = params.get("recipe") or ""
    if name == "run" and not PLACEHOLDER.fullmatch(named) and named in list_recipes():
        load_recipes(named, overrides=params["set_"] or [], quick=params["quick"])
    elif name == "run":
        assert PLACEHOLDER.fullmatch(named) or named.endswith(".toml"), named
    if name == "study" and not PLACEHOLDER.fullmatch(params["name"]):
        assert (ROOT / "baselines" / "study" / f"{params['name']}.toml").exists()
    if name == "fetch":
        assert set(params["names"]) <= set(DATASETS)


@pytest.mark.parametrize("words", [["runn", "x"], ["run"], ["run", "x", "--sed", "0"], ["run", "x", "--jobs", "two"]])
def test_what_cannot_be_given_is_noticed(words):
    with pytest.raises(Exception, match="No such|Missing|valid integer"):
        _parse(words)
