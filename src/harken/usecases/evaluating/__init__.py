"""Did an action work? From a file, and for customers handed over."""
