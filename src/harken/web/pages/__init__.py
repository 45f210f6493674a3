"""One module per page, the template beside it."""
