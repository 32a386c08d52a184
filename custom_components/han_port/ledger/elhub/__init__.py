"""The files that customers get from Elhub, read into hours, and compared with a meter's. `file` is the face of it."""
