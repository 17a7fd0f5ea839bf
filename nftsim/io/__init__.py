"""Files: runs in HDF5."""
