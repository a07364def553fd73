"""The back office: who may do what, what staff see, and the forms by which they act."""

from admin.setup import install

__all__ = ["install"]
