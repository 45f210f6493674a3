"""The mapping file: which column of a file means what."""
