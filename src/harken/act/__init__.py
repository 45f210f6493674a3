"""Answer, repair, improve: whom to call, about what, and what to expect."""
