"""What can be planted in simulated logs for reports to find: a slow day, a slow model, a bad release, a campaign at night."""
