"""Dialogs that mend what issues tell of, a file for each."""
