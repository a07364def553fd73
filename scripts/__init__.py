"""Commands of `make`: set-up, running the whole of Lunas, and the stages of `make test`."""
