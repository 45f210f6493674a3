"""Parts of pages: words, numbers, bars, charts and the templates that draw them."""
