"""The buffer of a graph is as large as what lives in it at once, placed as ggml places it."""

from app.fit.graph_buffer import Graph

MIB = 1 << 20


def test_what_is_no_longer_needed_makes_room() -> None:
    graph = Graph()
    first = graph.node(4 * MIB)
    second = graph.node(MIB, first)
    graph.node(4 * MIB, second)  # fits where the first one was
    assert graph.peaks(1) == (5 * MIB,)


def test_a_hole_that_is_too_small_is_left() -> None:
    graph = Graph()
    first = graph.node(2 * MIB)
    second = graph.node(MIB, first)
    graph.node(3 * MIB, second)
    assert graph.peaks(1) == (6 * MIB,)


def test_an_addition_takes_the_place_of_what_nothing_else_needs() -> None:
    graph = Graph()
    kept = graph.node(MIB)
    fresh = graph.node(MIB, kept)
    graph.node(MIB, fresh, kept, reuse=True)
    assert graph.peaks(1) == (2 * MIB,)


def test_an_addition_does_not_take_the_place_of_what_is_needed_later() -> None:
    graph = Graph()
    kept = graph.node(MIB)
    summed = graph.node(MIB, kept, reuse=True)
    graph.node(MIB, summed, kept)
    assert graph.peaks(1) == (3 * MIB,)


def test_inputs_are_there_from_the_beginning() -> None:
    graph = Graph()
    first = graph.node(8 * MIB)
    second = graph.node(MIB, first)
    late = graph.input(2 * MIB)
    graph.node(MIB, second, late)
    assert graph.peaks(1) == (11 * MIB,)


def test_another_device_gets_a_copy_once() -> None:
    graph = Graph()
    mask = graph.input(MIB)
    first = graph.node(4 * MIB, mask, device=1)
    graph.node(4 * MIB, first, mask, device=1)
    assert graph.peaks(2) == (MIB, 9 * MIB)


def test_weights_from_elsewhere_are_copied_for_one_step_each() -> None:
    graph = Graph()
    source = graph.node(MIB, device=1)
    for _ in range(3):
        weights = graph.resident(8 * MIB, starts_run=True)
        source = graph.node(MIB, weights, source, device=1)
    processor, gpu = graph.peaks(2)
    assert processor == 0  # they are counted as weights there
    assert 10 * MIB <= gpu < 20 * MIB


def test_batches_under_way_at_once_have_inputs_and_copies_of_their_own() -> None:
    graph = Graph()
    mask = graph.input(MIB)
    graph.node(4 * MIB, mask, device=1)
    assert graph.peaks(2, copies=4) == (4 * MIB, 8 * MIB)
