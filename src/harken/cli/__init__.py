"""The command `harken`: one module per command group."""
