"""Every turn and every operation by itself, as exporters write them."""
