"""An application whose import fails inside a function."""


def read_settings():
    return {}["SECRET_KEY"]


read_settings()
