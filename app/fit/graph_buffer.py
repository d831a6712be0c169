"""How much memory ggml's graph allocator needs for a graph: its best-fit placing in each device's buffer, followed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

_ALIGNMENT = 128  # CUDA's; the processor's is 32, which no tensor here is small enough to notice


@dataclass(slots=True)
class Graph:
    """A graph's tensors in the order in which they are computed, each with its size in bytes and its device's number.

    The processor is device 0. A tensor of no bytes is one that lives elsewhere (a row written to the KV cache).
    """

    _nodes: list["_Node"] = field(default_factory=list)
    _inputs: list[int] = field(default_factory=list)
    _residents: set[int] = field(default_factory=set)

    def input(self, size: int, device: int = 0) -> int:
        """A tensor that is filled before the graph is computed; all of these are placed first."""
        self._nodes.append(_Node(size, (), device, False, False))
        self._inputs.append(len(self._nodes) - 1)
        return len(self._nodes) - 1

    def resident(self, size: int, device: int = 0, starts_run: bool = False) -> int:
        """A tensor that lies elsewhere on `device`: weights (these start a run of nodes of their own) or a cache."""
        self._nodes.append(_Node(size, (), device, False, starts_run))
        self._residents.add(len(self._nodes) - 1)
        return len(self._nodes) - 1

    def node(self, size: int, *sources: int, device: int = 0, reuse: bool = False) -> int:
        """A tensor computed from `sources`; its number.

        `reuse`: it takes the place of the first source of its size that nothing else needs, as ggml does for an
        addition, a norm or a softmax.
        """
        self._nodes.append(_Node(size, sources, device, reuse, False))
        return len(self._nodes) - 1

    def peaks(self, devices: int, copies: int = 1) -> tuple[int, ...]:
        """The bytes that each device's buffer must have.

        `copies` above 1: so many batches are under way at once on several GPUs, and whatever a device gets from
        elsewhere is there as often, from beginning to end. Sources: ggml_gallocr_alloc_graph_impl in ggml-alloc.c, and
        the copies between devices that ggml_backend_sched_split_graph in ggml-backend.cpp adds at the start of each run
        of nodes on one device.
        """
        given = self._residents.union(self._inputs)
        nodes, order = _with_copies(self._nodes, given)
        buffers = [_Buffer() for _ in range(devices)]
        lasting = self._inputs if copies == 1 else [*self._inputs, *range(len(self._nodes), len(nodes))]
        places = {number: buffers[nodes[number].device].take(nodes[number].size * copies) for number in lasting}
        if copies > 1:
            order = [number for number in order if number not in places]
            places = {}
        children = [0] * len(nodes)
        for number in order:
            for source in nodes[number].sources:
                children[source] += 1
        for number in order:
            node = nodes[number]
            reused = _reusable(node, nodes, children, places) if node.reuse else None
            if reused is not None:
                places[number] = places.pop(reused)
            elif node.size:
                places[number] = buffers[node.device].take(node.size)
            for source in node.sources:
                children[source] -= 1
                if not children[source] and source in places:
                    buffers[nodes[source].device].give(places.pop(source), nodes[source].size)
        return tuple(buffer.peak for buffer in buffers)


@dataclass(frozen=True, slots=True)
class _Node:
    size: int
    sources: tuple[int, ...]
    device: int
    reuse: bool
    starts_run: bool


def _with_copies(nodes: Sequence[_Node], given: set[int]) -> tuple[list[_Node], list[int]]:
    """The nodes with a copy of each tensor on each further device that reads it, and the order of those not `given`."""
    every, order = list(nodes), []
    copies: dict[tuple[int, int], int] = {}
    for run in _runs(nodes, given):
        device = nodes[run[0]].device
        for source in (source for number in run for source in nodes[number].sources):
            if nodes[source].device != device and nodes[source].size and (source, device) not in copies:
                every.append(_Node(nodes[source].size, (source,), device, False, False))
                copies[source, device] = len(every) - 1
                order.append(len(every) - 1)
        for number in run:
            node = nodes[number]
            sources = tuple(copies.get((source, device), source) for source in node.sources)
            every[number] = _Node(node.size, sources, device, node.reuse, False)
            order.append(number)
    return every, order


def _runs(nodes: Sequence[_Node], given: set[int]) -> list[list[int]]:
    """The nodes that follow one another on one device; weights from elsewhere start a run, to be freed after it."""
    runs: list[list[int]] = []
    for number, node in enumerate(nodes):
        if number in given:
            continue
        fetches = any(nodes[source].starts_run and nodes[source].device != node.device for source in node.sources)
        if runs and nodes[runs[-1][0]].device == node.device and not fetches:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _reusable(node: _Node, nodes: Sequence[_Node], children: Sequence[int], places: dict[int, int]) -> int | None:
    for source in node.sources:
        known = nodes[source]
        if source in places and children[source] == 1 and (known.size, known.device) == (node.size, node.device):
            return source
    return None


class _Buffer:
    """ggml_dyn_tallocr: free blocks sorted by address, the smallest that fits is taken, the last one has no end."""

    def __init__(self) -> None:
        self.peak = 0
        self._free: list[tuple[int, int]] = [(0, 1 << 62)]

    def take(self, size: int) -> int:
        """A place of `size` bytes."""
        size = -(-size // _ALIGNMENT) * _ALIGNMENT
        fitting = [(length, -at) for at, (_, length) in enumerate(self._free[:-1]) if length >= size]
        at = -min(fitting)[1] if fitting else len(self._free) - 1
        start, length = self._free[at]
        if length == size:
            del self._free[at]
        else:
            self._free[at] = (start + size, length - size)
        self.peak = max(self.peak, start + size)
        return start

    def give(self, start: int, size: int) -> None:
        """Free a place again, joined with its free neighbours."""
        size = -(-size // _ALIGNMENT) * _ALIGNMENT
        at = next((i for i, (other, _) in enumerate(self._free) if other > start), len(self._free))
        self._free.insert(at, (start, size))
        if at + 1 < len(self._free) and start + size == self._free[at + 1][0]:
            self._free[at] = (start, size + self._free.pop(at + 1)[1])
        if at and sum(self._free[at - 1]) == start:
            self._free[at - 1] = (self._free[at - 1][0], self._free[at - 1][1] + self._free.pop(at)[1])
