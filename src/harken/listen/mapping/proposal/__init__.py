"""A mapping proposed from what columns are called and what they hold."""
