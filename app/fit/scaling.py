"""The shape of one file of a model from that of another: the same layers in another precision."""

from dataclasses import replace

from app.core.shape import ModelShape


def scaled(shape: ModelShape, size_bytes: int) -> ModelShape:
    """`shape` with all weights in proportion, so that together they take `size_bytes`; unchanged when they do already.

    A header and a vocabulary count as weights then: some MB of GB. Precisions treat single tensors differently, so the
    layers are not exact, but their sum is.
    """
    if size_bytes <= 0 or not shape.weights_bytes or abs(size_bytes / shape.weights_bytes - 1) < 0.005:
        return shape
    factor = size_bytes / shape.weights_bytes
    layers = tuple(
        replace(
            layer, weights_bytes=round(layer.weights_bytes * factor), expert_bytes=round(layer.expert_bytes * factor)
        )
        for layer in shape.layers
    )
    return replace(
        shape,
        layers=layers,
        input_bytes=round(shape.input_bytes * factor),
        output_bytes=round(shape.output_bytes * factor),
        exact=False,
    )
