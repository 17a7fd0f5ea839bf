"""What can be known of a model without simulating it: fixed points and linear response.

Import from the modules, or the few names of ``nftsim`` itself.
"""
