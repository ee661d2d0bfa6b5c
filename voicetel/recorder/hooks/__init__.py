"""What an agent's hooks have reported of the turn that is going on."""
