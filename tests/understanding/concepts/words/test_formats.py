"""Vectors that a user supplies: every format gives back what was written, or says what is wrong."""

from __future__ import annotations

import gzip
import string
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from alicorn.errors import AlicornError, ConfigError, CorruptData, NotFound
from understanding.concepts.lexicon import Lexicon
from understanding.concepts.words import gathered
from understanding.concepts.words.formats import load_vectors
from understanding.concepts.words.gathered import MOST_DIMENSIONS
from understanding.concepts.words.supplied import SuppliedWords
from understanding.concepts.words.translation import (
    LEAST_SIMILARITY,
    MOST_TRANSLATIONS,
    Translates,
)

Vectors = Mapping[str, npt.NDArray[np.float32]]
Writer = Callable[[Vectors], bytes]


def _text(vectors: Vectors, header: bool = True) -> bytes:
    size = len(next(iter(vectors.values())))
    lines = [f"{len(vectors)} {size}"] * header
    lines += [" ".join([word, *map(repr, row.tolist())]) for word, row in vectors.items()]
    return "".join(f"{line}\n" for line in lines).encode()


def _without_header(vectors: Vectors) -> bytes:
    return _text(vectors, header=False)


def _numberbatch(vectors: Vectors) -> bytes:
    named = {f"/c/{w.replace(':', '/')}" if ":" in w else w: row for w, row in vectors.items()}
    return _text(named)


def _zipped_text(vectors: Vectors) -> bytes:
    return gzip.compress(_text(vectors), mtime=0)


def _binary(vectors: Vectors, between: bytes = b"\n") -> bytes:
    size = len(next(iter(vectors.values())))
    rows = [w.encode() + b" " + row.astype("<f4").tobytes() for w, row in vectors.items()]
    return f"{len(vectors)} {size}\n".encode() + between.join(rows) + between


def _binary_without_gaps(vectors: Vectors) -> bytes:
    return _binary(vectors, between=b"")


def _archive(vectors: Vectors) -> bytes:
    with tempfile.TemporaryFile() as file:
        np.savez(file, words=np.array(list(vectors)), vectors=np.stack(list(vectors.values())))
        file.seek(0)
        return file.read()


# The suffix of a binary file says so; the others are told by what is in them.
WRITERS: dict[str, tuple[Writer, str]] = {
    "word2vec text": (_text, "vec"),
    "word2vec text, gzipped": (_zipped_text, "txt"),
    "word2vec binary": (_binary, "bin"),
    "word2vec binary without line feeds": (_binary_without_gaps, "bin"),
    "glove": (_without_header, "txt"),
    "numberbatch": (_numberbatch, "txt"),
    "npz": (_archive, "npz"),
}

words = st.tuples(
    st.sampled_from(["", "en:", "de:", "cs:"]),
    st.text(string.ascii_lowercase, min_size=1, max_size=6),
).map("".join)
numbers = st.floats(-100, 100, width=32).filter(lambda x: x == 0 or abs(x) > 1e-3)


@st.composite
def vectors(draw: st.DrawFn) -> dict[str, npt.NDArray[np.float32]]:
    size = draw(st.integers(2, 9))
    row = arrays.arrays(np.float32, size, elements=numbers)
    found = draw(st.dictionaries(words, row, max_size=12))
    return {"en:dog": np.ones(size, np.float32)} | found


def _load(content: bytes, name: str) -> SuppliedWords:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        return load_vectors(path)


@pytest.mark.parametrize("kind", WRITERS)
@given(given_vectors=vectors())
def test_what_was_written_is_read(kind: str, given_vectors: Vectors) -> None:
    """Each word finds its direction in its language, and nothing else is there."""
    write, suffix = WRITERS[kind]
    space = _load(write(given_vectors), f"some.{suffix}")
    expected: dict[tuple[str, str], npt.NDArray[np.float32]] = {}
    for word, row in given_vectors.items():
        language, _, term = word.rpartition(":")
        if row.any():
            expected.setdefault((language or "en", term), row / np.linalg.norm(row))

    assert len(space) == len(expected)
    assert set(space.languages) == {language for language, _ in expected}
    assert space.languages[0] == "en"
    for (language, term), row in expected.items():
        (sense,) = space.senses((term,), language)

        np.testing.assert_allclose(sense.vector, row, atol=1e-5)
        assert (sense.weight, sense.synset, sense.vector.dtype) == (1.0, "", np.float32)
    assert space.senses(("nosuchword",), "en") == space.senses(("dog",), "xx") == ()


@given(given_vectors=vectors())
def test_the_common_component_is_the_first_singular_vector(given_vectors: Vectors) -> None:
    """DB-13; by another decomposition of the same matrix."""
    # Of two spellings of one word only the first counts.
    assume(len({name.removeprefix("en:") for name in given_vectors}) == len(given_vectors))
    space = _load(_archive(given_vectors), "some.npz")
    rows = np.stack([row / np.linalg.norm(row) for row in given_vectors.values() if row.any()])
    largest = np.linalg.svd(rows, compute_uv=False)[0]

    assert np.linalg.norm(space.common) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(rows @ space.common) == pytest.approx(largest, rel=1e-3)


def test_terms_of_several_words_are_known_where_the_file_joins_them(tmp_path: Path) -> None:
    """Two words are no term because each is one."""
    path = tmp_path / "some.txt"
    path.write_text("beach_ball 1 0\nBeach 0 1\nbeach 1 1\nball 1 2\n</s> 0 1\n/c/deu/x 1 1\n")
    space = load_vectors(path)

    assert space.senses(("beach", "ball"))[0].vector.tolist() == [1, 0]
    assert space.senses(("ball", "beach")) == ()
    assert (space.longest("en"), space.longest("de")) == (2, 0)
    # The first of words that are equal when cut, and marks and odd languages are no words.
    assert space.senses(("beach",))[0].vector.tolist() == [0, 1]
    assert len(space) == 3


def test_the_files_of_a_folder_are_one_space_each_in_the_language_of_its_name(
    tmp_path: Path,
) -> None:
    """As aligned vectors are published: a file a language."""
    (tmp_path / "wiki.en.align.vec").write_text("2 2\ndog 1 0\ncat 0 1\n")
    (tmp_path / "wiki.es.align.vec.gz").write_bytes(
        gzip.compress(b"2 2\nperro 1 0\ngato 0 1\n", mtime=0)
    )
    (tmp_path / ".hidden").write_text("nothing")
    space = load_vectors(tmp_path)

    assert space.languages == ("en", "es")
    assert space.senses(("perro",), "es")[0].vector.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"dog 1 2 3\ncat 1 2\n", "a.txt line 2: found 3 fields, needed a word and 3"),
        ("a.vec", b"2 2\ndog 1 x\n", "line 2: could not convert string to float: b'x', needed"),
        ("a.vec", b"2 2\ndog 1 nan\n", "line 2: found a number that is not finite"),
        ("a.vec", b"2 2\ndog 1 1e99\n", "line 2: found a number that is not finite"),
        ("a.vec", b"3 2\ndog 1 2\n", "ends after 1 vectors, needed 3 by its first line"),
        ("a.vec", b"3 99999\ndog 1 2\n", "found vectors of 99,999 numbers, needed 2 to 4,096"),
        ("a.txt", b"dog\n", "line 1: found vectors of 0 numbers"),
        ("a.txt", b"dog 1 2" + b" " * 200_000, "line 1: found more than 106,496 bytes"),
        ("a.bin", b"2 2\ndog " + b"\0\0\x80\x3f" * 2 + b"cat 1234", "byte 16: found no whole"),
        ("a.bin", b"2 2\n" + b"x" * 9_000, "byte 4: found no whole word and vector"),
        ("a.bin", b"1 2\ndog " + b"\xff\xff\xff\x7f" * 2, "byte 4: found a number that is not"),
        ("a.txt.gz", gzip.compress(b"dog 1 2\n" * 99, mtime=0)[:-9], "needed a whole gzip file"),
        ("a.gz", b"\x1f\x8b\xff nothing", "needed a whole gzip file"),
        ("a.npz", b"PK\x03\x04 nothing", "needed arrays 'words' and 'vectors'"),
    ],
)
def test_a_broken_file_is_told_by_the_line_or_byte(
    tmp_path: Path, name: str, content: bytes, told: str
) -> None:
    """Whoever supplies it can go there and look."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(CorruptData) as caught:
        load_vectors(path)

    assert told in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "arrays_of_file",
    [
        {"words": np.array(["dog"])},
        {"words": np.array([1]), "vectors": np.ones((1, 2))},
        {"words": np.array(["dog"]), "vectors": np.ones((2, 2))},
        {"words": np.array(["dog"]), "vectors": np.ones((1, 2), np.int64)},
        {"words": np.array(["dog"], object), "vectors": np.ones((1, 2))},
        {"words": np.array(["dog"]), "vectors": np.array([[np.nan, 1]])},
    ],
)
def test_an_archive_of_something_else_is_refused(
    tmp_path: Path, arrays_of_file: dict[str, npt.NDArray[np.float64]]
) -> None:
    """Pickles, too: nothing in a user's file is ever run."""
    path = tmp_path / "a.npz"
    np.savez(path, **arrays_of_file)

    with pytest.raises(CorruptData, match=r"a\.npz"):
        load_vectors(path)


def test_files_of_different_dimensions_are_no_space(tmp_path: Path) -> None:
    """They were trained apart."""
    (tmp_path / "a.en.vec").write_text("dog 1 2\n")
    (tmp_path / "b.de.vec").write_text("hund 1 2 3\n")

    with pytest.raises(CorruptData, match="found vectors of 3 numbers, needed 2 as before"):
        load_vectors(tmp_path)


def test_too_many_vectors_are_refused_before_they_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nine million words of Numberbatch are eleven gigabytes."""
    path = tmp_path / "a.txt"
    path.write_text("".join(f"w{n} 1 2\n" for n in range(12)))
    monkeypatch.setattr(gathered, "MOST_VECTORS", 10)

    with pytest.raises(ConfigError, match=r"line 11: found more than 10 vectors .* keep the first"):
        load_vectors(path)
    monkeypatch.setattr(gathered, "MOST_VECTORS", 12)
    assert len(load_vectors(path)) == 12


def test_vectors_without_english_words_are_refused(tmp_path: Path) -> None:
    """The concepts could not be found in them."""
    path = tmp_path / "cc.de.300.vec"
    path.write_text("hund 1 2\n")

    with pytest.raises(ConfigError, match="found those of de, needed English words"):
        load_vectors(path)
    with pytest.raises(NotFound, match=r"none\.vec: No such file"):
        load_vectors(tmp_path / "none.vec")
    with pytest.raises(ConfigError, match="found no words"):
        load_vectors(_empty(tmp_path))


def _empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


@given(content=st.binary(max_size=300), suffix=st.sampled_from(["bin", "txt", "npz", "gz"]))
def test_any_bytes_are_read_or_refused_with_an_error_of_ours(content: bytes, suffix: str) -> None:
    """A user's file is not to be trusted."""
    for start in (b"", b"2 2\n", b"\x1f\x8b", b"PK\x03\x04"):
        try:
            space = _load(start + content, f"a.{suffix}")
        except AlicornError:
            continue
        assert 2 <= space.dimensions <= MOST_DIMENSIONS


def test_the_nearest_english_terms_are_translations(tmp_path: Path) -> None:
    """Against all cosines; English words have none, and far ones are none."""
    rng = np.random.default_rng(7)
    rows = rng.normal(size=(40, 3)).astype(np.float32)
    names = [f"en:w{n}" for n in range(30)] + [f"es:w{n}" for n in range(10)]
    np.savez(tmp_path / "a.npz", words=np.array(names), vectors=rows)
    space = load_vectors(tmp_path / "a.npz")
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)

    assert isinstance(space, Translates)
    for n in range(10):
        cosines = {f"w{e}": float(unit[30 + n] @ unit[e]) for e in range(30)}
        expected = sorted(cosines, key=lambda word: -cosines[word])[:MOST_TRANSLATIONS]
        expected = [word for word in expected if cosines[word] >= LEAST_SIMILARITY]

        found = space.translations((f"w{n}",), "es")

        assert [translation.words for translation in found] == [(word,) for word in expected]
        assert [t.similarity for t in found] == pytest.approx([cosines[w] for w in expected])
    assert space.translations(("w1",), "en") == space.translations(("other",), "es") == ()


# ---------------------------------------------------------------- real vectors

TRANSLATIONS = {
    "en": "dog cat horse man woman child bicycle car beach snow tree guitar boat bird train",
    "de": "hund katze pferd mann frau kind fahrrad auto strand schnee baum gitarre boot vogel zug",
    "cs": "pes kočka kůň muž žena dítě kolo auto pláž sníh strom kytara loď pták vlak",
    "fr": "chien chat cheval homme femme enfant vélo voiture plage neige arbre guitare bateau "
    "oiseau train",
}


@pytest.fixture(scope="module")
def multilingual(data_dir: Path) -> SuppliedWords:
    return load_vectors(data_dir / "vectors" / "multi30k_lsa_en_de_fr_cs_200d.npz")


@pytest.mark.data
@pytest.mark.parametrize("language", ["de", "cs", "fr"])
def test_a_word_lies_nearest_to_its_translation(multilingual: SuppliedWords, language: str) -> None:
    """PS-29: *Hund* and *pes* are dogs by a user's vectors; all English words compete."""
    nearest = [
        [found.words[0] for found in multilingual.translations((word,), language)]
        for word in TRANSLATIONS[language].split()
    ]
    right = [
        english in found for english, found in zip(TRANSLATIONS["en"].split(), nearest, strict=True)
    ]

    assert sum(right) >= 14
    assert nearest[0][0] == "dog"


@pytest.mark.data
@pytest.mark.parametrize(("language", "word"), [("de", "hund"), ("cs", "pes")])
def test_what_a_word_translates_names_its_concept(
    multilingual: SuppliedWords, language: str, word: str
) -> None:
    """So German and Czech queries find what English ones do."""
    best = multilingual.translations((word,), language)[0]

    assert Lexicon.load().lookup(best.words)[0].concept == "dog"


@pytest.mark.data
@pytest.mark.parametrize(
    ("file", "dimensions"),
    [("captions_ppmi_svd_en_200d.npz", 200), ("glove_twitter_25d_11925.npz", 25)],
)
def test_english_vectors_need_no_prefix(data_dir: Path, file: str, dimensions: int) -> None:
    """Most files know one language."""
    space = load_vectors(data_dir / "vectors" / file)

    assert (space.languages, space.dimensions, space.longest("en")) == (("en",), dimensions, 1)
    dog, cat, law = (space.senses((word,))[0].vector for word in ("dog", "cat", "building"))
    assert dog @ cat > dog @ law
