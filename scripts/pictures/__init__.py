"""The photographer of the README and of the staff handbook: `make pictures`."""
