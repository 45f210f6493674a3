"""What customers say and do: imports."""
