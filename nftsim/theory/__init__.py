"""What can be known of a model without simulating it: fixed points and linear response."""
