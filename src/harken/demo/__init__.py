"""An imaginary company with known truth, grown from a seed; it emits raw files only."""

from harken.demo.growing import SEGMENTS, DemoFiles, grow

__all__ = ["SEGMENTS", "DemoFiles", "grow"]
