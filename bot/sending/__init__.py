"""The one way out: outbox rows become messages at Twilio, and receipts come back to them."""
