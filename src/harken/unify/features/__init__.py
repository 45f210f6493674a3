"""Features of every customer as of a date, for any kind of event."""
