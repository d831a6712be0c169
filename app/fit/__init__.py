"""What fits here: pure arithmetic on core types (memory, speed, recommendation)."""
