"""Timings, each beside a peer or the raw engine in the same run."""
