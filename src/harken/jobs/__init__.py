"""Background tasks: thin, each calls a use case."""
