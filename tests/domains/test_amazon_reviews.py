import numpy as np
import pytest

from dacompare.domains import amazon_reviews, load_transfer
from dacompare.domains.amazon_reviews import load_amazon_reviews


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A data folder with four training and two test reviews of books."""
    monkeypatch.setenv("DACOMPARE_DATA", str(tmp_path))
    monkeypatch.setitem(amazon_reviews.N_ROWS, "books", (4, 2))
    folder = tmp_path / "amazon_reviews"
    folder.mkdir()
    (folder / "books_train.svmlight").write_text("1 0:6 4999:1\n-1 7:2\n1 3:1\n-1 1:1\n")
    (folder / "books_test.svmlight").write_text("-1 0:1\n1 2:30\n")
    return folder


def test_the_official_split_and_the_counts_stay(tiny):
    loaded = load_amazon_reviews(part="books")
    assert loaded.train.X.shape == (4, 5000)
    assert (loaded.train.X[0, 0], loaded.train.X[0, 4999], loaded.train.X[1, 7]) == (6, 1, 2)
    assert loaded.train.X.sum() == 11
    assert loaded.train.y.tolist() == [1, -1, 1, -1]
    assert loaded.test.y.tolist() == [-1, 1]
    assert loaded.train.class_names == ("negative", "positive")
    assert [file.name for file in loaded.files] == [
        "amazon_reviews/books_train.svmlight",
        "amazon_reviews/books_test.svmlight",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1 0:6\n-1 7:2\n1 3:1\n", "truncated or altered: it has 3 whole lines of 4"),
        ("1 0:6\n-1 7:2\n1 3:1\n-1 1:1", "truncated or altered"),
        ("1 0:6\n-1 7:2\n1 3:1\n-1 1:", "line 4 of .* cannot be read"),
        ("1 0:6\n-1 7:2\n1 3:1\n0 1:1\n", r"labels -1 and 1, got \[0.0\]"),
        ("1 0:6\n-1 7:2\n1 3:1\n1 5000:1\n", "line 4 of .*from 0 to 4999"),
        ("", "holds no row"),
    ],
)
def test_broken_files_are_named(text, message, tiny):
    (tiny / "books_train.svmlight").write_text(text)
    with pytest.raises(ValueError, match=message):
        load_amazon_reviews(part="books")


def test_a_missing_file_is_named_with_its_address(tiny):
    with pytest.raises(FileNotFoundError, match=r"dvd_train\.svmlight was not found .*GRAAL-Research"):
        load_amazon_reviews(part="dvd")


@pytest.mark.data
@pytest.mark.parametrize(("part", "n_test"), [("books", 4465), ("dvd", 3586), ("electronics", 5681), ("kitchen", 5945)])
def test_the_real_files_have_the_published_sizes(part, n_test, data_folder):
    loaded = load_amazon_reviews(part=part)
    assert loaded.train.X.shape == (2000, 5000)
    assert loaded.test.X.shape == (n_test, 5000)
    assert np.unique(loaded.train.y, return_counts=True)[1].tolist() == [1000, 1000]
    assert loaded.train.X.min() == 0
    assert np.array_equal(loaded.test.X, np.round(loaded.test.X))
    # Every review has a word, but for three of electronics.
    assert (loaded.test.X.sum(axis=1) == 0).sum() == (3 if part == "electronics" else 0)


@pytest.mark.data
def test_a_recipe_puts_two_parts_together(data_folder):
    source, target = ({"domain": "amazon-reviews", "part": part} for part in ("dvd", "kitchen"))
    # A word that is frequent over all reviews may be in none of one kind.
    with pytest.warns(UserWarning, match="features of .* constant"):
        transfer = load_transfer(source, target, {"max_rows": 500}).transfer
    assert transfer.title == "dvd → kitchen"
    assert transfer.class_names == ("negative", "positive")
    assert [domain.n_rows for domain in transfer.domains.values()] == [500, 500, 250, 250]
