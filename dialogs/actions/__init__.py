"""The custom actions, one file per topic; ``rasa run actions --actions dialogs.actions`` serves them too."""
