"""Where simulation and theory meet: measured spectra, agreement, settling and figures."""
