"""Functions that programs in every language call by name: the daemon's workers load this module (see futured.toml)."""

import collections
from typing import Any, Dict, List

import futured


@futured.function("text.shout")
def shout(text: str) -> str:
    return text.upper() + "!"


@futured.function("text.frequent_words")
def frequent_words(text: str, count: int = 3) -> List[Dict[str, Any]]:
    """Lists and dicts are values too."""
    words = collections.Counter(text.lower().split())
    return [{"word": word, "times": times} for word, times in words.most_common(count)]


@futured.function("math.sum_of_squares_py")
def sum_of_squares(numbers: List[int]) -> int:
    return sum(number * number for number in numbers)
