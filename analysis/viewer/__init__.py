"""A run as one HTML page that needs nothing else: ``nftsim view RUN.h5 -o page.html``.

`analysis.viewer.page.viewer` writes it: the data of a run (`analysis.viewer.pack`), which
``template.html`` draws. Nothing is imported here, so that the command line knows the command fast.
"""
