"""The compiled step. Kernels take arrays and scalars, and import nothing of ours from outside."""
