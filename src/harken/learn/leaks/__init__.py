"""Columns that know the outcome too early."""

from harken.learn.leaks.estimate import Leak, LeakReason, LeakScan, scan_leaks

__all__ = ["Leak", "LeakReason", "LeakScan", "scan_leaks"]
