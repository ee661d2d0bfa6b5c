"""What metrics of tools, models and states of the dialogue need beside the rows of calls: worked out only where one is asked for."""
