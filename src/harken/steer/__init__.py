"""Set the course: maturity, goals, governance, employee voice, briefings."""
