"""What happens now: figures of the last minutes, over rows that are taken out of the store once."""
