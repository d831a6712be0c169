"""What a model is made of, as far as its memory and its speed depend on it: layer by layer, in bytes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LayerShape:
    """One layer. `weights_bytes` are all its tensors, `expert_bytes` those of them of which a token uses only some.

    For every token in its KV cache it keeps `kv_heads` keys of `key_length` numbers and as many values of
    `value_length`; of the last `window` tokens only unless that is 0. A layer with multi-head latent attention keeps
    one compressed key and no value. A recurrent layer keeps `state_bytes` in all, however long the context is, and no
    keys; `inner_length` is how many numbers its widest step has for each token.
    """

    weights_bytes: int
    expert_bytes: int = 0
    kv_heads: int = 0
    key_length: int = 0
    value_length: int = 0
    window: int = 0
    state_bytes: int = 0
    inner_length: int = 0


@dataclass(frozen=True, slots=True)
class ModelShape:
    """A model's layers and what stands before and behind them. Lengths are in numbers or tokens, sizes in bytes.

    `input_bytes` are the token embeddings, of which one row is read for a token; they stay on the processor.
    `output_bytes` are the output matrix and its norm; with `tied_output` that matrix is the embeddings once more, and a
    GPU gets a copy. `expert_used_count` of `expert_count` experts work for a token, each `expert_feed_forward_length`
    wide (0: as `feed_forward_length`). `exact`: the bytes are a header's own and not spread over the layers from a
    file's size. `doubts` are sentences about what could not be told.
    """

    architecture: str
    layers: tuple[LayerShape, ...]
    embedding_length: int
    feed_forward_length: int
    head_count: int
    vocabulary_size: int
    trained_context_length: int
    input_bytes: int
    output_bytes: int
    tied_output: bool = False
    expert_count: int = 0
    expert_used_count: int = 0
    exact: bool = True
    doubts: tuple[str, ...] = ()
    expert_feed_forward_length: int = 0

    def __post_init__(self) -> None:
        """Most layers are alike: these become one object, so that arithmetic can look at each kind once."""
        known: dict[LayerShape, LayerShape] = {}
        object.__setattr__(self, "layers", tuple(known.setdefault(layer, layer) for layer in self.layers))

    @property
    def weights_bytes(self) -> int:
        """All tensors once."""
        output = 0 if self.tied_output else self.output_bytes
        return sum(layer.weights_bytes for layer in self.layers) + self.input_bytes + output


@dataclass(frozen=True, slots=True)
class ModelOutline:
    """What a model card says of a shape; 0 and None mean that it does not say. With a file's size it is a ModelShape.

    Every `window_every`-th layer sees the whole context and the others `window` tokens (Gemma 2: 2, Gemma 3: 6); the
    former have `full_kv_head_count` heads of `full_head_length` where those differ (Gemma 4). `attention_layers` is how
    many layers have a KV cache of their own, if not all: the first ones where there is a window (the rest read theirs),
    else evenly among recurrent layers, each of which keeps `state_bytes`. `value_length` is that of a value where it is
    not `head_length`; 0 is a latent cache without values. Beside the embeddings there are `layer_input_length` numbers
    for each token of the vocabulary (Gemma's per-layer embeddings). `active_share` are the parameters that a token
    uses, embeddings included, of all. `source` says where it was read.
    """

    architecture: str
    layer_count: int
    embedding_length: int
    feed_forward_length: int
    head_count: int
    kv_head_count: int
    head_length: int
    vocabulary_size: int
    context_length: int
    source: str
    window: int = 0
    window_every: int = 0
    attention_layers: int | None = None
    expert_count: int = 0
    expert_used_count: int = 0
    active_share: float = 1.0
    tied_output: bool = False
    value_length: int | None = None
    full_kv_head_count: int = 0
    full_head_length: int = 0
    state_bytes: int = 0
    layer_input_length: int = 0
