"""One customer, one story: identity, accounts, timeline, features."""
