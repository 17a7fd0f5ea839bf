"""What rules and scripts share: settings, names of files, digests of sources, logging."""
