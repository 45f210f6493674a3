"""What a person does; one module per intention; the only door for web, command line and jobs."""
