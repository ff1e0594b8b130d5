"""The runtime of the image models reports nothing and leaves no mark of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from understanding.photos.weights import prepare_lite0

PROGRAM = """
import sys
from pathlib import Path
import numpy as np
from understanding.photos.classifier import Classifier

classifier = Classifier.load(Path(sys.argv[1]))
classifier.run(np.zeros((1, 224, 224, 3), np.uint8))
"""


def test_the_runtime_makes_no_device_id_and_no_store_of_events(tmp_path: Path) -> None:
    """ONNX Runtime's builds report to their maker unless they are told not to before they load."""
    home = tmp_path / "home"
    home.mkdir()
    models = prepare_lite0().parents[1]
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "ORT_DISABLE_TELEMETRY" and not name.startswith("XDG_")
    }
    subprocess.run(
        [sys.executable, "-c", PROGRAM, str(models)],
        env={**environment, "HOME": str(home)},
        check=True,
    )

    assert [str(path.relative_to(home)) for path in home.rglob("*")] == []
