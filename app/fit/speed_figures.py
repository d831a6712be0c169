"""Published speeds of llama.cpp, and what of a device's bandwidth it uses: figures with their sources."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Efficiency:
    """A token takes bytes / (`share` of the bandwidth) + `overhead` in seconds, in which kernels are started."""

    share: float
    overhead: float


@dataclass(frozen=True, slots=True)
class BackendFigures:
    """The slow and the fast end of what was published for a backend; `maker` narrows it to one maker's devices."""

    backend: str
    maker: str
    slow: Efficiency
    fast: Efficiency
    source: str


BACKENDS = (
    # Fitted to an 8B model (4.92 GB) on the RTX 3090 (115 tokens/s), 4080 (108) and 4090 (131), a 14B (92), a 27B (47)
    # and gpt-oss-20b (266 and 280) on the RTX 4090, and a 24B on the RTX 5090 (91): all lie between the two ends.
    BackendFigures(
        "CUDA",
        "",
        Efficiency(0.68, 0.0016),
        Efficiency(0.86, 0.0010),
        "XiongjieDai/GPU-Benchmarks-on-LLM-Inference (2024-05); geerlingguy/ai-benchmarks (2025-12); "
        "P. Khmel, LLM throughput benchmark on 13 GPUs (2026-06)",
    ),
    # An 8B on M1 Max (36 in 2024, 46 in 2026), M2 Ultra (79) and M3 Max (51); a 70B on the same (4.3, 12.1, 7.5); a 14B
    # on M3 Ultra (52).
    BackendFigures(
        "Metal",
        "",
        Efficiency(0.43, 0.0020),
        Efficiency(0.75, 0.0025),
        "XiongjieDai/GPU-Benchmarks-on-LLM-Inference (2024-05); geerlingguy/ai-benchmarks (2025-12); "
        "brand-o/normiebench issue 40 (2026-03)",
    ),
    # A 24B on an Arc Pro B70: 15.6 tokens/s.
    BackendFigures(
        "Vulkan",
        "intel",
        Efficiency(0.33, 0.0025),
        Efficiency(0.60, 0.0015),
        "a thread about an Arc Pro B70 with a 24B model at Q4_K_M",
    ),
    # A 24B on an RX 7800 XT: 36.5 tokens/s.
    BackendFigures(
        "Vulkan",
        "",
        Efficiency(0.60, 0.0025),
        Efficiency(0.84, 0.0015),
        "a thread about an RX 7800 XT with Devstral Small 2 24B at Q4_K_M",
    ),
)

CPU_FAST = Efficiency(1 / 1.2, 0.00010)
CPU_SLOW = Efficiency(1 / 1.8, 0.00015)
"""On a processor a token takes (reading + multiplying) / share, and the overhead for each layer, at whose steps the
threads wait for one another. Sources: 135M and 270M models on two cores (tests/benchmarks/RESULTS.md); a 7B model at
Q4_0 on a Core i9-13900K with DDR5-6400, 79 ms with 4 threads and 55 with 8 (ggml-org/llama.cpp issue 34)."""

CPU_MULTIPLY_RATE = 30e9
"""Weights that one core multiplies in a second where it was not measured: a desktop's of today with AVX2, by the same
source. A server's core at about 3 GHz does 21e9 (measured)."""

CPU_READING_SHARE = 0.78
"""What of that rate is reached while a prompt is read in batches of 512 (the same two models, measured)."""

READING_REFERENCE_WEIGHTS = 6.98e9  # those of its layers
READING_8B = (
    # device (in lower case, as it stands in the device's name), prompt tokens/s of Llama 3 8B at Q4_K_M, 512 at once
    ("rtx 3070", 2402.51),
    ("rtx 3080 ti", 3690.30),
    ("rtx 3080", 3728.86),
    ("rtx 3090", 4030.40),
    ("rtx 4070 ti", 3936.29),
    ("rtx 4080", 5389.74),
    ("rtx 4090", 7138.99),
    ("apple m1 max", 408.23),
    ("apple m2 ultra", 994.04),
)
"""Prompt processing grows as the computing power does, for which there is no formula from the bandwidth: only devices
that were measured are told. Source: XiongjieDai/GPU-Benchmarks-on-LLM-Inference (llama-bench pp512, 2024-05)."""
READING_SPREAD = 0.25
