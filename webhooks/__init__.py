"""What the internet reaches: Twilio's webhooks, the clinic API, health and the simulator (Flask)."""
