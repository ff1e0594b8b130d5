"""EfficientNet-Lite0 without its weights: the layers, their builder, and `lite0.onnx`.

`architecture.py` is the one description of the network; `build.py` (extra `train`) writes
`lite0.onnx` from it, and `understanding.photos.weights` fills in the numbers from it.
"""

__all__ = ["architecture"]
