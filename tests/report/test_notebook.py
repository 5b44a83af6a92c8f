"""What a notebook shows is short, escaped, and has no style of its own."""

from dacompare.report.notebook import render_summary


def test_every_method_has_a_line(bare, read_page):
    page = read_page(render_summary(bare(seeds=3)))
    assert len(page.all("tr")) == 6
    assert "▲ Adaptation helps: DANN reaches 63.0 %" in page.text
    assert "(chosen on target labels)" in page.text
    assert "(trained on target labels)" in page.text


def test_hostile_text_stays_text(bare, read_page, hostile):
    page = read_page(render_summary(bare(seeds=2, hostile=hostile)))
    assert {tag for tag, _, _ in page.tags} <= {
        *("div", "p", "span", "strong", "em", "small", "code", "br", "table", "thead", "tbody", "tr", "th", "td")
    }
    assert all(set(attributes) <= {"scope", "aria-hidden"} for _, attributes, _ in page.tags)


def test_without_target_labels_the_validator_speaks(bare, read_page):
    page = read_page(render_summary(bare(seeds=2, labelled=False)))
    assert "score of reverse-svm, without labels" in page.text
    assert "accuracy" not in page.text
    assert "n/a" in page.text  # the bound, which was skipped
    assert "skipped, seeds 0 and 1: needs target labels" in page.text


def test_a_run_that_is_not_to_be_quoted_says_so_first(bare, read_page):
    page = read_page(render_summary(bare(seeds=2, overrides=["--quick"], partial=True)))
    assert page.text.startswith("Note: Made with --quick: not a measurement to quote. Note: Partial")


def test_it_is_short(full):
    assert len(render_summary(full)) < 5000
