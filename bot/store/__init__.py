"""The record and the queue: SQLAlchemy tables and the functions that read and write them."""
