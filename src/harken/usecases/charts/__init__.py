"""Charts that leave the pages: one plain description, a Vega-Lite spec of it, and its picture."""
