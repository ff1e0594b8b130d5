"""The models that the top needs in memory, loaded once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from alicorn.errors import MissingModel
from ranker.forest import Forest
from ranker.models.shipped import FOLDER, load_first_stage, load_second_stage
from ranker.second_stage.model import SecondStageModel
from understanding.concepts.taxonomy import Taxonomy
from understanding.queries import Terms, UnderstandingConfig

__all__ = ["TopModels"]

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopModels:
    """Words to concepts, and both stages of the ranking."""

    terms: Terms
    """What words may be taken for."""
    first_stage: Forest | None
    """Only to explain: the shards score with their own copy. None where there is no model."""
    second_stage: SecondStageModel | None
    """None leaves the first stage's order."""
    families: Mapping[str, str] = field(default_factory=dict)
    """Family of each concept (PS-08), by name."""

    @classmethod
    def load(
        cls, folder: Path = FOLDER, understanding: UnderstandingConfig | None = None
    ) -> TopModels:
        """Load what is there; a ranking without a model is said in the log and done without."""
        first: Forest | None = None
        second: SecondStageModel | None = None
        try:
            first = load_first_stage(folder)
            second = load_second_stage(folder)
        except MissingModel as error:
            _log.warning("ranking is simpler than it could be", reason=str(error))
        taxonomy = Taxonomy.load()
        return cls(
            terms=Terms.load(understanding),
            first_stage=first,
            second_stage=second,
            families=dict(zip(taxonomy.names, taxonomy.family, strict=True)),
        )

    @property
    def scorers(self) -> tuple[str, ...]:
        """Names of the scorers that shards are asked for; the first one orders."""
        return ("first-stage",) if self.first_stage is not None else ("concept",)
