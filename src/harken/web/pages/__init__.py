"""One module and one template per page, in the order of the navigation."""
