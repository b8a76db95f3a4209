"""Python functions of the daemon of compose.yaml, by name, for programs in every language."""

import futured


@futured.function("text.shout")
def shout(text: str) -> str:
    return text.upper()
