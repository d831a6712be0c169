"""How much of a model works for a token: bytes of weights that are read, and weights that are multiplied."""

from app.core.shape import LayerShape, ModelShape


def active_bytes(shape: ModelShape) -> int:
    """How many bytes of weights are read for a token, wherever they lie; it tells models apart too."""
    return round(sum(layer_bytes(layer, shape) for layer in shape.layers)) + shape.output_bytes


def active_weights(shape: ModelShape) -> float:
    """About how many weights are multiplied for a token: those of the layers and the output, of experts those in use.

    Of a plain layer they follow from the widths: queries and output, keys and values, and three matrices of the
    feed-forward network. Others are told from their bytes.
    """
    return sum(_layer_weights(layer, shape) for layer in shape.layers) + _matrix(shape)


def reading_weights(shape: ModelShape) -> float:
    """About how many weights work for each token of a prompt."""
    return sum(_layer_weights(layer, shape) for layer in shape.layers)


def layer_bytes(layer: LayerShape, shape: ModelShape) -> float:
    """The bytes of a layer that are read for a token."""
    return layer.weights_bytes - layer.expert_bytes + expert_bytes(layer, shape)


def expert_bytes(layer: LayerShape, shape: ModelShape) -> float:
    """Those of them that are experts'."""
    if not shape.expert_count:
        return layer.expert_bytes
    return layer.expert_bytes * shape.expert_used_count / shape.expert_count


def _layer_weights(layer: LayerShape, shape: ModelShape) -> float:
    if layer.expert_bytes or layer.state_bytes or not (layer.key_length and shape.feed_forward_length):
        return layer_bytes(layer, shape) / _bytes_per_weight(shape)
    width = shape.embedding_length
    queries = shape.head_count * layer.key_length
    keys = layer.kv_heads * (layer.key_length + layer.value_length)
    return width * (2 * queries + keys + 3 * shape.feed_forward_length)


def _matrix(shape: ModelShape) -> int:
    return shape.vocabulary_size * shape.embedding_length


def _bytes_per_weight(shape: ModelShape) -> float:
    """As in the embeddings, whose count is known: they have the precision of most other tensors."""
    numbers = _matrix(shape)
    return min(max(shape.input_bytes / numbers, 0.25), 4.0) if numbers and shape.input_bytes else 0.6
