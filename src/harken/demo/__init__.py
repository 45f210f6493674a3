"""An imaginary company with known truth, grown from a seed; it emits raw files only."""

from harken.demo.growing import DemoFiles, grow

__all__ = ["DemoFiles", "grow"]
