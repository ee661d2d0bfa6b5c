"""The columns of ``calls``, a .sql file for each kind of them."""
