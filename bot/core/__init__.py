"""The pure core: no Flask, Rasa, Twilio, SQLAlchemy, Redis, clock or randomness. Time and ids are arguments."""
