"""One customer, one story: what data there are."""
