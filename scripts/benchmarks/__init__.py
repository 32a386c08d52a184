"""What reading meters costs: one file a measurement, and what they share."""
