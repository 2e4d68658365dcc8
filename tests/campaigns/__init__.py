"""Campaigns: from a CSV file to the last invitation."""
