"""The pages of the back office, one module per thing that staff look at."""
