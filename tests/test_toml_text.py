import tomllib

import pytest

from dacompare.toml_text import comment, printable, toml_value

TEXTS = [
    "",
    "cat", 'say "hi"', "it's", "# no comment", "a = b", "[x]", "a\\b", "\\",
    '"""', "new\nline", "\r\n", "tab\t",
    "\x00\x07\x1b[31m\x7f", "\x85\u2028\u2029", "ünï 猫 🐈", "\u202eevil", " spaced ",
    "\ufeff", "{source}", "\U000e0001",
]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_comes_back_as_it_was(text):
    written = toml_value(text)
    assert tomllib.loads(f"x = {written}")["x"] == text
    assert "\n" not in written
    assert all(c.isprintable() for c in written)


@pytest.mark.parametrize("value", [True, False, 0, -5, 2**53, 0.5, 1e-30, -1e30, [], ["a", 'b"'], [1, 2.5], [True]])
def test_every_value_comes_back_with_its_type(value):
    back = tomllib.loads(f"x = {toml_value(value)}")["x"]
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize("text", [*TEXTS, "word " * 60, "x" * 300, "-" * 200])
def test_comments_are_comments_whatever_they_hold(text):
    written = comment(f"About {text} it says.")
    assert all(line.startswith("# ") and len(line) <= 100 for line in written.splitlines())
    assert tomllib.loads(written) == {}


def test_only_what_cannot_be_seen_is_written_out():
    assert printable("ünï 猫 'x'") == "ünï 猫 'x'"
    assert printable("a\x1b[31m\n") == "a\\x1b[31m\\n"
