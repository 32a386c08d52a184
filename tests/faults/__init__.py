"""What goes wrong between a meter and Home Assistant, one fault a test, measured as the owner sees it.

`scripts/reliability` runs these tests and makes a table of what they measured.
"""
