"""Training of what `understanding.photos.models` ships; needs the extra `train`.

Nothing that serves imports this package.
"""

__all__: list[str] = []
