"""The directory of places that help: what a listing is, when it is open, which listings fit a person."""
