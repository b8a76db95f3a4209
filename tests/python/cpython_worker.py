"""Imported by the workers that CPython's tests use: they and the tests share the key of multiprocessing's managers."""

import multiprocessing

multiprocessing.current_process().authkey = b"futured tests"
