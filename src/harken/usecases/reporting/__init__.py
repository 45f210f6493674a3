"""Reports: one content in the reader's language, set as a web page of one file or as a PDF."""
