"""A small web framework (``frame.frame``) and a site built on it (``frame.app``); README.md explains both."""
