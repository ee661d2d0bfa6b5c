"""Tables of money: what calls cost, rate cards, budgets and invoices."""
