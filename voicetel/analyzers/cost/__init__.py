"""What calls cost by the rate card."""
