"""Which ratings of single touchpoints go with the overall score."""
