"""What names are taken for, by the same understanding as queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from aggregator.top.models import TopModels
from alicorn.command.evaluating.served import understanding_without
from alicorn.command.evaluating.switches import Switch
from alicorn.errors import BadRequest
from understanding.queries import understand

__all__ = ["Mapper"]


@dataclass(frozen=True, slots=True)
class Mapper:
    """The understanding of queries, with what some switches leave of it."""

    models: TopModels

    @classmethod
    def load(cls, without: Collection[Switch]) -> Mapper:
        """Load what understands, without some parts."""
        return cls(TopModels.load(understanding=understanding_without(without)))

    def concepts_of(self, names: Iterable[str], first: int) -> dict[str, tuple[str, ...]]:
        """Return what each name is taken for.

        Parameters
        ----------
        names : iterable of str
        first : int
            Concepts of each phrase that count, the best ones.

        Returns
        -------
        dict
            Name -> concepts, phrase by phrase, each once; none where no picture can be meant.
        """
        return {name: self._of(name, first) for name in names}

    def _of(self, name: str, first: int) -> tuple[str, ...]:
        try:
            understood = understand(name, self.models.terms)
        except BadRequest:
            return ()
        return tuple(
            dict.fromkeys(
                match.concept for phrase in understood.phrases for match in phrase.concepts[:first]
            )
        )
