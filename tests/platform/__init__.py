"""Settings, processes, command line, and what is shared for speed."""
