"""What the programs tell about themselves: log lines with ids and without secrets, and meters."""
