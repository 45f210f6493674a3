"""What customers say and do: imports, and sources that are read on a schedule."""
