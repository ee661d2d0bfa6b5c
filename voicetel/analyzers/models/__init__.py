"""What each model did: requests, failures, answers that were thrown away, and prompts."""
