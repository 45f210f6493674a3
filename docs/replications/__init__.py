"""Published and R-computed results, computed again with Harken: where they agree, and where not and why."""
