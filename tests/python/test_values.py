"""Plain values: what named functions take and return."""

from __future__ import annotations

import enum
import math
import unittest
from typing import Any, List

import support  # noqa: F401  (finds the package)

from futured import _pickles
from futured._generated import value_pb2
from futured._values import DEEPEST, from_value, to_value


class Color(enum.IntEnum):
    RED = 1


def round_trip(item: object) -> Any:
    return from_value(value_pb2.Value.FromString(to_value(item).SerializeToString()))


class Values(unittest.TestCase):
    def test_what_has_a_kind_comes_back_as_it_was(self) -> None:
        items: List[object] = [None, True, False, 0, -1, 2**63 - 1, -(2**63), 2**63, 2**64 - 1, 0.5, math.inf]
        items += ["", "häß", b"", b"\0\xff", [], [1, [2, [None]]], {}, {"": {"x": [1.5]}}]
        for item in items:
            with self.subTest(item):
                self.assertEqual(round_trip(item), item)
                self.assertIs(type(round_trip(item)), type(item))

    def test_none_and_false_and_zero_stay_apart(self) -> None:
        types = [type(item) for item in round_trip([None, False, 0, 0.0, ""])]
        self.assertEqual(types, [type(None), bool, int, float, str])

    def test_near_relatives_travel_as_the_kind_they_are_like(self) -> None:
        self.assertEqual(round_trip((1, (2,))), [1, [2]])
        self.assertEqual(round_trip(bytearray(b"x")), b"x")
        self.assertEqual(round_trip(memoryview(b"x")), b"x")
        self.assertEqual(round_trip(Color.RED), 1)

    def test_not_a_number_travels(self) -> None:
        self.assertTrue(math.isnan(round_trip(math.nan)))

    def test_an_integer_of_more_than_64_bits_is_refused(self) -> None:
        for item in (2**64, -(2**63) - 1):
            with self.assertRaisesRegex(OverflowError, "64 is the most"):
                to_value(item)

    def test_what_has_no_kind_is_refused_and_its_place_named(self) -> None:
        with self.assertRaisesRegex(TypeError, r"at \['x'\]\[1\]: an object of type set"):
            to_value({"x": [0, {1}]})
        with self.assertRaisesRegex(TypeError, "argument 2: an object of type object"):
            _pickles.encode_named((1, object()), {})
        with self.assertRaisesRegex(TypeError, "argument 'size': a dict with a key of type int"):
            _pickles.encode_named((), {"size": {1: 2}})

    def test_text_that_is_no_utf_8_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            to_value("\udc80")

    def test_nesting_has_a_limit(self) -> None:
        item: List[object] = []
        for _ in range(DEEPEST - 1):
            item = [item]
        self.assertEqual(round_trip(item), item)
        circle: List[object] = []
        circle.append(circle)
        with self.assertRaisesRegex(ValueError, "nested deeper"):
            to_value(circle)

    def test_kinds_that_python_lacks_stay_values(self) -> None:
        value = value_pb2.Value()
        value.opaque_value.codec = "other"
        self.assertEqual(round_trip(value), value)
        value.message_value.type_url = "example.com/x.Y"
        self.assertEqual(round_trip([value]), [value])

    def test_a_value_of_no_kind_is_refused(self) -> None:
        with self.assertRaises(ValueError):
            from_value(value_pb2.Value())

    def test_keywords_travel_by_name(self) -> None:
        arguments = value_pb2.Arguments.FromString(_pickles.encode_named((1,), {"size": 2}))
        self.assertEqual([from_value(item) for item in arguments.positional], [1])
        self.assertEqual(from_value(arguments.keyword["size"]), 2)


if __name__ == "__main__":
    unittest.main()
