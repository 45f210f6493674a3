"""The outside world: sources, channels and language models, one folder each."""
