"""An imaginary company with known truth, grown from a seed; it emits raw files only."""
