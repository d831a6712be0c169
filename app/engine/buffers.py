"""How large the buffers of a model are, by what llama.cpp writes to its log while it loads one."""

import re
from collections.abc import Iterable, Sequence

from app.core.memory import DeviceMemory, MemoryPlan
from app.core.shape import LayerShape, ModelShape

PROCESSOR = "CPU"

_MIB = 1 << 20
_SIZE = r"(?P<buffer>\S+) +{kind} buffer size = +(?P<size>[\d.]+) MiB"
_MODEL = re.compile(_SIZE.format(kind="(?:model|LoRA)"))
_CACHE = re.compile(_SIZE.format(kind="(?:KV|RS)"))
_STATE = re.compile(_SIZE.format(kind="RS"))
_COMPUTE = re.compile(_SIZE.format(kind="(?:compute|output)"))
_PLACED = re.compile(r"load_tensors: layer +(?P<layer>\d+) assigned to device (?P<device>\S+),")
_CACHED = re.compile(r"kv_cache\w*: layer +(?P<layer>\d+): dev = (?P<device>\S+)")
_CACHE_TOTAL = re.compile(r"kv_cache\w*: size = +(?P<size>[\d.]+) MiB")
_MAPPED = "_Mapped"


def memory_in_use(lines: Iterable[str], devices: Sequence[str], shape: ModelShape | None) -> MemoryPlan:
    """What a loaded model takes of each device, by the sizes of its own buffers; `devices` are those there are.

    A mapped buffer reaches from its first tensor to its last one in the file, also over those that lie elsewhere: of
    such a device no more is counted than `shape` says that its tensors take.
    """
    lines = _about_memory(lines)
    memory = _Memory(devices)
    memory.add_sizes(_MODEL, lines, memory.weights)
    memory.add_sizes(_CACHE, lines, memory.caches)
    memory.add_sizes(_COMPUTE, lines, memory.compute)
    if shape is not None:
        placed = _placed_weights(lines, shape)
        for device in {memory.device_of(name) for name, _ in _found(_MODEL, lines) if name.endswith(_MAPPED)}:
            memory.weights[device] = min(memory.weights[device], placed.get(device, 0))
    return memory.plan()


def memory_planned(lines: Iterable[str], devices: Sequence[str], shape: ModelShape) -> MemoryPlan:
    """What a model would take, by the log of a load without allocation.

    There llama.cpp tells the compute buffers and each cache's whole size, and which layer lies where; the tensors'
    sizes are those of `shape`.
    """
    lines = _about_memory(lines)
    memory = _Memory(devices)
    for device, size in _placed_weights(lines, shape).items():
        memory.weights[device] += size
    memory.add_sizes(_STATE, lines, memory.caches)
    memory.add_sizes(_COMPUTE, lines, memory.compute)
    for device, size in _caches(lines, shape.layers):
        memory.caches[device] += size
    return memory.plan()


def added(*plans: MemoryPlan) -> MemoryPlan:
    """Several models' memory on the same devices."""
    names = list(dict.fromkeys(device.device for plan in plans for device in plan.devices))
    return MemoryPlan(
        tuple(
            DeviceMemory(
                name,
                sum(plan.of(name).weights_bytes for plan in plans),
                sum(plan.of(name).kv_cache_bytes for plan in plans),
                sum(plan.of(name).compute_bytes for plan in plans),
            )
            for name in names
        )
    )


class _Memory:
    """Sums by device, the processor first."""

    def __init__(self, devices: Sequence[str]) -> None:
        self._names = [PROCESSOR, *(name for name in devices if name != PROCESSOR)]
        self.weights = dict.fromkeys(self._names, 0)
        self.caches = dict.fromkeys(self._names, 0)
        self.compute = dict.fromkeys(self._names, 0)

    def device_of(self, buffer: str) -> str:
        """The device of a buffer by its name: "CUDA0", "MTL0_Mapped"; "CUDA_Host" and "CPU_REPACK" are RAM."""
        owners = [name for name in self._names if re.match(re.escape(name) + r"(?!\d)", buffer)]
        return max(owners, key=len, default=PROCESSOR)

    def add_sizes(self, kind: re.Pattern[str], lines: Iterable[str], sums: dict[str, int]) -> None:
        """Add the buffers of a kind up."""
        for name, size in _found(kind, lines):
            sums[self.device_of(name)] += size

    def plan(self) -> MemoryPlan:
        """What was added up; of GPUs only those that the model is on."""
        every = (DeviceMemory(n, self.weights[n], self.caches[n], self.compute[n]) for n in self._names)
        return MemoryPlan(tuple(one for one in every if one.total_bytes or one.device == PROCESSOR))


def _about_memory(lines: Iterable[str]) -> list[str]:
    """Those that one of the patterns may be for: a load writes thousands, mostly about single tensors."""
    return [line for line in lines if "buffer size" in line or "layer" in line or "size =" in line]


def _found(kind: re.Pattern[str], lines: Iterable[str]) -> list[tuple[str, int]]:
    matches = (kind.search(line) for line in lines)
    return [(match["buffer"], _bytes(match["size"])) for match in matches if match]


def _bytes(mebibytes: str) -> int:
    return round(float(mebibytes) * _MIB)


def _placed_weights(lines: Iterable[str], shape: ModelShape) -> dict[str, int]:
    """The bytes of the tensors on each device; the output stands behind the last layer in llama.cpp's list."""
    where = {int(match["layer"]): match["device"] for line in lines if (match := _PLACED.search(line))}
    sums = {PROCESSOR: shape.input_bytes}
    for number, layer in enumerate(shape.layers):
        device = where.get(number, PROCESSOR)
        sums[device] = sums.get(device, 0) + layer.weights_bytes
    output = where.get(len(shape.layers), PROCESSOR)
    if output != PROCESSOR or not shape.tied_output:
        sums[output] = sums.get(output, 0) + shape.output_bytes
    return sums


def _caches(lines: Iterable[str], layers: Sequence[LayerShape]) -> list[tuple[str, int]]:
    """Each cache's whole size, spread over its layers' devices."""
    found: list[tuple[str, int]] = []
    parts: dict[str, int] = {}
    for line in lines:
        if match := _CACHED.search(line):
            number = int(match["layer"])
            layer = layers[number] if number < len(layers) else LayerShape(0)
            row = layer.kv_heads * (layer.key_length + layer.value_length)
            parts[match["device"]] = parts.get(match["device"], 0) + max(row, 1)
        elif match := _CACHE_TOTAL.search(line):
            size, whole = _bytes(match["size"]), sum(parts.values())
            found += [(device, size * part // whole) for device, part in parts.items()] or [(PROCESSOR, size)]
            parts = {}
    return found
