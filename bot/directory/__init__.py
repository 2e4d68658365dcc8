"""The directory of places outside the core: reading packages of listings, searching, links to shared lists."""
