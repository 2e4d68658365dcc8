"""What follows from what is said about a referral, and what falls due: rows in, rows out."""
