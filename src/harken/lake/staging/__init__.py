"""Files of any usual kind become tables of text, and a mapping turns these into the lake's tables."""
