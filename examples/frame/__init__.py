"""A small web framework (``frame.frame``) and a site built on it (``frame.app``). The README.md beside this explains."""
