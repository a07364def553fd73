"""The rules of the desk: pure decisions about payments, with no clock, database or network."""
