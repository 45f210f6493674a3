"""What matters, and how sure: retention, whole base, scores."""
