"""What is taken away as a file: plain tables and how each kind of file is written."""
