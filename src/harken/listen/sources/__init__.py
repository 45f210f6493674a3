"""Sources that are read again and again: when they are due, whether they are late, what changed in them."""
