"""What matters, and how sure we are: scores, whole base, drivers, retention, value."""
