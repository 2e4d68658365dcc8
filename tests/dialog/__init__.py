"""The dialog process: its channel, its model, the Rasa project as Rasa's own tools see it."""
