"""Who to act on."""
