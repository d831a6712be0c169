"""llama.cpp's devices held against what the system and the drivers say of the same GPUs."""

from app.core.machine import Device, DeviceKind, MemoryUse
from app.engine.devices import AddressedDevice, shares_memory
from app.engine.machine.evidence import GpuFacts
from app.engine.machine.joined import JoinedDevices, join, without_repeats

GIB = 2**30
CARD = Device("CUDA0", "NVIDIA GeForce RTX 4090", "CUDA", DeviceKind.GPU, 24 * GIB, 23 * GIB)


def named(name: str, backend: str, description: str = CARD.description, kind: DeviceKind = DeviceKind.GPU) -> Device:
    return Device(name, description, backend, kind, 24 * GIB, 23 * GIB, unified=kind is DeviceKind.INTEGRATED_GPU)


def joined(device: Device, *facts: GpuFacts, address: str = "0000:01:00.0") -> JoinedDevices:
    return join([AddressedDevice(device, address)], facts, 64 * GIB)


def test_a_gpu_that_two_backends_know_counts_once() -> None:
    found = [
        AddressedDevice(named("CUDA0", "CUDA"), "0000:01:00.0"),
        AddressedDevice(named("Vulkan0", "Vulkan"), "0000:01:00.0"),
        AddressedDevice(named("Vulkan1", "Vulkan"), "0000:02:00.0"),
        AddressedDevice(named("Vulkan2", "Vulkan", kind=DeviceKind.INTEGRATED_GPU), ""),
        AddressedDevice(named("SYCL0", "SYCL", kind=DeviceKind.INTEGRATED_GPU), ""),
        AddressedDevice(Device("CPU", "", "CPU", DeviceKind.CPU, 1, 1), ""),
    ]
    assert [kept.device.name for kept in without_repeats(found)] == ["CUDA0", "Vulkan1", "Vulkan2", "CPU"]


def test_gpus_whose_place_is_not_known_all_count() -> None:
    found = [AddressedDevice(named("Vulkan0", "Vulkan"), ""), AddressedDevice(named("Vulkan1", "Vulkan"), "")]
    assert len(without_repeats(found)) == 2


def test_the_least_free_memory_that_anybody_says_is_taken() -> None:
    result = joined(
        CARD,
        GpuFacts("NVIDIA's driver", "0000:01:00.0", total_bytes=24 * GIB, free_bytes=21 * GIB),
        GpuFacts("Windows", name="NVIDIA GeForce RTX 4090", free_bytes=20 * GIB, has_display=True),
        GpuFacts("NVIDIA's driver", "0000:02:00.0", free_bytes=GIB),
    )
    assert result.devices[0].free_bytes == 20 * GIB
    assert result.devices[0].has_display is True
    assert result.doubts == ()


def test_totals_that_do_not_agree_are_told_and_the_smaller_taken() -> None:
    result = joined(CARD, GpuFacts("NVIDIA's driver", "0000:01:00.0", total_bytes=12 * GIB, free_bytes=11 * GIB))
    assert (result.devices[0].total_bytes, result.devices[0].free_bytes) == (12 * GIB, 11 * GIB)
    assert result.doubts == (
        "llama.cpp finds 25.8 GB of memory on CUDA0 (NVIDIA GeForce RTX 4090), and NVIDIA's driver 12.9 GB: "
        "the smaller is taken.",
    )


def test_a_device_that_reports_nothing_keeps_nothing() -> None:
    silent = Device("CUDA0", CARD.description, "CUDA", DeviceKind.GPU, 0, 0)
    result = joined(silent, GpuFacts("NVIDIA's driver", "0000:01:00.0", total_bytes=24 * GIB, free_bytes=23 * GIB))
    assert (result.devices[0].total_bytes, result.devices[0].free_bytes) == (0, 0)


def test_namesakes_without_an_address_keep_their_order() -> None:
    found = [AddressedDevice(named("CUDA0", "CUDA"), ""), AddressedDevice(named("CUDA1", "CUDA"), "")]
    facts = [
        GpuFacts("Windows", name="NVIDIA GeForce RTX 4090", free_bytes=5 * GIB, has_display=True),
        GpuFacts("Windows", name="Intel(R) UHD Graphics", free_bytes=GIB),
        GpuFacts("Windows", name="NVIDIA GeForce RTX 4090", free_bytes=6 * GIB, has_display=False),
    ]
    devices = join(found, facts, 64 * GIB).devices
    assert [device.free_bytes for device in devices] == [5 * GIB, 6 * GIB]
    assert [device.has_display for device in devices] == [True, False]


def test_a_drivers_longer_name_is_the_same_card() -> None:
    card = named("Vulkan0", "Vulkan", "AMD Radeon RX 7900 XTX (RADV NAVI31)")
    result = joined(card, GpuFacts("Windows", name="AMD Radeon RX 7900 XTX", free_bytes=GIB), address="")
    assert result.devices[0].free_bytes == GIB
    assert result.devices[0].bandwidth == 960_000_000_000


def test_what_programs_hold_is_of_that_device() -> None:
    facts = GpuFacts("NVIDIA's driver", "0000:01:00.0", uses=(("chrome", 1_900_000_000),))
    assert joined(CARD, facts).uses == (MemoryUse("CUDA0", "chrome", 1_900_000_000),)
    assert joined(CARD, GpuFacts("NVIDIA's driver", "0000:01:00.0")).uses == ()


def test_a_published_bandwidth_comes_before_the_drivers_and_that_before_none() -> None:
    told = GpuFacts("NVIDIA's driver", "0000:01:00.0", bandwidth=5 * 10**11, bandwidth_source="told")
    assert joined(CARD, told).devices[0].bandwidth == 1_008_000_000_000
    unknown = named("CUDA0", "CUDA", "NVIDIA Something New")
    assert joined(unknown, told).devices[0].bandwidth_source == "told"
    assert joined(unknown).devices[0].bandwidth == 0


def test_all_memory_free_under_a_display_is_doubted() -> None:
    full = Device("Vulkan0", "AMD Radeon RX 7900 XTX", "Vulkan", DeviceKind.GPU, 24 * GIB, 24 * GIB)
    result = joined(full, GpuFacts("Linux", "0000:01:00.0", has_display=True))
    assert "reports all its memory as free though a display is attached" in result.doubts[0]
    assert joined(full, GpuFacts("Linux", "0000:01:00.0", has_display=False)).doubts == ()


def test_the_limit_that_a_macs_user_set_is_kept_to() -> None:
    mac = Device("MTL0", "Apple M1 Pro", "Metal", DeviceKind.GPU, 24 * GIB, 24 * GIB, unified=True)
    result = joined(mac, GpuFacts("macOS", name="Apple", total_bytes=20 * GIB, has_display=True), address="")
    assert result.devices[0].total_bytes == 20 * GIB
    assert result.devices[0].bandwidth == 200_000_000_000
    assert result.doubts == ()


def test_an_integrated_gpus_own_part_is_not_all_it_has() -> None:
    amd = named("Vulkan0", "Vulkan", "AMD Radeon 780M", DeviceKind.INTEGRATED_GPU)
    result = joined(amd, GpuFacts("Linux", "0000:01:00.0", total_bytes=GIB // 2, free_bytes=GIB // 4))
    assert (result.devices[0].total_bytes, result.devices[0].free_bytes) == (24 * GIB, 23 * GIB)


def test_who_shares_the_ram() -> None:
    assert shares_memory(DeviceKind.INTEGRATED_GPU, "Vulkan", "Intel(R) Iris")
    assert shares_memory(DeviceKind.GPU, "Metal", "Apple M4")
    assert shares_memory(DeviceKind.GPU, "Vulkan", "llvmpipe (LLVM 15.0.7, 256 bits)")
    assert not shares_memory(DeviceKind.GPU, "Metal", "AMD Radeon Pro 5500M")
    assert not shares_memory(DeviceKind.GPU, "CUDA", "NVIDIA GeForce RTX 4090")
    assert not shares_memory(DeviceKind.CPU, "CPU", "A processor")
