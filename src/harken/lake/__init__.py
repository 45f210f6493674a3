"""The event log and the queries over it: Delta tables read by DuckDB."""
