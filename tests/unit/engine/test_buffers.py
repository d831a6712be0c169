"""What llama.cpp writes of its buffers is added up by device, with and without allocation."""

from app.core.memory import DeviceMemory
from app.core.shape import LayerShape, ModelShape
from app.engine.buffers import added, memory_in_use, memory_planned

MIB = 1 << 20
GPUS = ("CUDA0", "CUDA1", "CUDA10")
LAYER = LayerShape(100 * MIB, kv_heads=2, key_length=64, value_length=64)
SHAPE = ModelShape("llama", (LAYER,) * 4, 256, 512, 8, 4096, 8192, 20 * MIB, 30 * MIB)

PLACED = [
    "load_tensors: layer   0 assigned to device CPU, is_swa = 0",
    "load_tensors: layer   1 assigned to device CUDA0, is_swa = 0",
    "load_tensors: layer   2 assigned to device CUDA0, is_swa = 0",
    "load_tensors: layer   3 assigned to device CUDA1, is_swa = 0",
    "load_tensors: layer   4 assigned to device CUDA1, is_swa = 0",
]
CACHED = [
    "llama_kv_cache: layer   0: dev = CPU",
    "llama_kv_cache: layer   1: dev = CUDA0",
    "llama_kv_cache: layer   2: dev = CUDA0",
    "llama_kv_cache: layer   3: dev = CUDA1",
]


def test_a_loaded_model_s_buffers_are_added_up_by_device() -> None:
    lines = [
        "load_tensors:          CPU model buffer size =   120.00 MiB",
        "load_tensors:    CUDA_Host model buffer size =     4.00 MiB",
        "load_tensors:   CPU_REPACK model buffer size =    10.50 MiB",
        "load_tensors:        CUDA0 model buffer size =   200.00 MiB",
        "load_tensors:       CUDA10 model buffer size =     1.00 MiB",
        "llama_context:  CUDA_Host  output buffer size =     0.50 MiB",
        "llama_kv_cache:        CPU KV buffer size =     8.00 MiB",
        "llama_kv_cache:      CUDA0 KV buffer size =    16.00 MiB",
        "llama_memory_recurrent:      CUDA0 RS buffer size =     2.00 MiB",
        "llama_kv_cache: size =   24.00 MiB (  8192 cells,   3 layers,  1/1 seqs), K (f16):   12.00 MiB",
        "sched_reserve:      CUDA0 compute buffer size =    64.25 MiB",
        "sched_reserve:  CUDA_Host compute buffer size =    12.00 MiB",
    ]
    plan = memory_in_use(lines, GPUS, None)
    assert plan.devices == (
        DeviceMemory("CPU", 141_033_472, 8 * MIB, 13_107_200),
        DeviceMemory("CUDA0", 200 * MIB, 18 * MIB, 67_371_008),
        DeviceMemory("CUDA10", MIB, 0, 0),
    )


def test_a_mapped_buffer_counts_no_more_than_its_tensors() -> None:
    lines = [
        *PLACED,
        "load_tensors:   CPU_Mapped model buffer size =   450.00 MiB",
        "load_tensors:   CPU_REPACK model buffer size =    60.00 MiB",
        "load_tensors:        CUDA0 model buffer size =   200.00 MiB",
    ]
    plan = memory_in_use(lines, GPUS, SHAPE)
    assert plan.of("CPU").weights_bytes == 120 * MIB  # the embeddings and one layer
    assert plan.of("CUDA0").weights_bytes == 200 * MIB
    assert memory_in_use(lines, GPUS, None).of("CPU").weights_bytes == 510 * MIB


def test_metal_s_buffers_are_its_own() -> None:
    lines = [
        "load_tensors:  MTL0_Mapped model buffer size =   400.00 MiB",
        "llama_kv_cache:  MTL0_Private KV buffer size =     3.00 MiB",
    ]
    assert memory_in_use(lines, ("MTL0",), None).of("MTL0") == DeviceMemory("MTL0", 400 * MIB, 3 * MIB, 0)


def test_without_allocation_tensors_count_where_they_would_lie() -> None:
    lines = [
        *PLACED,
        "load_tensors:          CPU model buffer size =     0.00 MiB",
        *CACHED,
        "llama_kv_cache:        CPU KV buffer size =     0.00 MiB",
        "llama_kv_cache: size =   40.00 MiB (  8192 cells,   4 layers,  1/1 seqs), K (f16):   20.00 MiB",
        "llama_memory_recurrent:      CUDA1 RS buffer size =     1.00 MiB",
        "sched_reserve:      CUDA0 compute buffer size =    64.00 MiB",
    ]
    plan = memory_planned(lines, GPUS, SHAPE)
    assert plan.devices == (
        DeviceMemory("CPU", 120 * MIB, 10 * MIB, 0),
        DeviceMemory("CUDA0", 200 * MIB, 20 * MIB, 64 * MIB),
        DeviceMemory("CUDA1", 130 * MIB, 11 * MIB, 0),
    )


def test_each_cache_is_spread_over_its_own_layers() -> None:
    lines = [
        CACHED[0],
        "llama_kv_cache: size =   10.00 MiB (  8192 cells,   1 layers,  1/1 seqs), K (f16):    5.00 MiB",
        CACHED[3],
        "llama_kv_cache: size =    4.00 MiB (  1536 cells,   1 layers,  1/1 seqs), K (f16):    2.00 MiB",
    ]
    plan = memory_planned(lines, GPUS, SHAPE)
    assert [plan.of(name).kv_cache_bytes for name in ("CPU", "CUDA1")] == [10 * MIB, 4 * MIB]


def test_a_draft_model_is_added_on_the_same_devices() -> None:
    large = memory_planned(PLACED, GPUS, SHAPE)
    both = added(large, large)
    assert both.weights_bytes == 2 * large.weights_bytes
    assert [device.device for device in both.devices] == [device.device for device in large.devices]
