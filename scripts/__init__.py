"""The commands of this repository, as modules."""
