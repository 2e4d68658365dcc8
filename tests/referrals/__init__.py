"""Tests of referrals: from a need to a known end."""
