"""Screening: scores, the state machine, the questionnaire file."""
