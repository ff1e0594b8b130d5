"""`alicorn train text-statistics` and `related-words`: what is known of words, out of captions.

A captions file has one picture a line, ``{"image": 285, "captions": ["a bear", ...]}``. Where it
says which image of COCO that is, only the training half is read (`ranker.training.splits`), so that
captions which measure have taught nothing.
"""

from __future__ import annotations

from pathlib import Path

import msgspec

from alicorn.cards import ModelCard, card_path, sha256_of
from alicorn.command.console import say_json
from alicorn.documents import PhotoDocument
from alicorn.errors import ConfigError, NotFound
from ranker.training.splits import TRAINING_HALF, coco_key, half_of
from understanding.texts.related import FILE
from understanding.texts.statistics import SHIPPED, TextStatistics

__all__ = ["Captioned", "read_captions", "related_words", "text_statistics"]


class Captioned(msgspec.Struct, frozen=True):
    """One line of a captions file; other fields are passed over."""

    captions: list[str]
    image: int | None = None
    """Number of the image in COCO, if it is of it."""

    @property
    def trains(self) -> bool:
        """Whether it may teach what is measured with the others."""
        return self.image is None or half_of(coco_key(self.image)) == TRAINING_HALF


def read_captions(path: Path) -> list[Captioned]:
    """Return the pictures of a captions file, in its order.

    Raises
    ------
    NotFound
        If it cannot be read.
    ConfigError
        If a line is no such picture.
    """
    try:
        return [
            msgspec.json.decode(line, type=Captioned) for line in path.read_bytes().splitlines()
        ]
    except OSError as error:
        raise NotFound(f"cannot read {path}: {error.strerror}") from None
    except msgspec.DecodeError as error:
        raise ConfigError(f"{path}: {error}; needed lines with a list 'captions'") from None


def text_statistics(captions: Path, out_dir: Path | None, *, data: str, licence: str) -> None:
    """Make the word statistics, all captions of a picture as one document."""
    pictures = [one.captions for one in read_captions(captions) if one.trains]
    whole = TextStatistics.of_documents(PhotoDocument(caption="\n".join(each)) for each in pictures)
    path = whole.without_rare_words().save(out_dir or SHIPPED)
    _tell(
        path,
        name="Word statistics of English captions, for the text score",
        made_by=f"alicorn train text-statistics --captions {captions.name}",
        data=data,
        licence=licence,
        metrics={
            "pictures": float(whole.documents),
            "captions": float(sum(map(len, pictures))),
            "words": float(whole.words),
        },
    )


def related_words(captions: Path, out_dir: Path | None, *, data: str, licence: str) -> None:
    """Make the table of words that say nearly the same."""
    from understanding.texts import build  # noqa: PLC0415

    pictures = [one.captions for one in read_captions(captions) if one.trains]
    found = build.related_words(pictures)
    path = (out_dir or SHIPPED) / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    found.save(path)
    _tell(
        path,
        name="Words that say nearly the same in English captions",
        made_by=f"alicorn train related-words --captions {captions.name}",
        data=data,
        licence=licence,
        metrics={
            "pictures": float(len(pictures)),
            "words": float(len(found.by_word)),
            "pairs": float(sum(map(len, found.by_word.values()))),
        },
    )


def _tell(
    path: Path, *, name: str, made_by: str, data: str, licence: str, metrics: dict[str, float]
) -> None:
    """Write the card of ``path`` and print it."""
    card = ModelCard(
        name=name,
        made_by=made_by,
        data=data,
        licence=licence,
        metrics=metrics,
        sha256=sha256_of(path.read_bytes()),
    )
    card.write(card_path(path))
    say_json(msgspec.to_builtins(card))
