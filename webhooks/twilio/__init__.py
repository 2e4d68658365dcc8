"""Twilio's side of the webhooks: signature, forms and views."""
