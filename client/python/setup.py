"""Builds the package: beside what setuptools does, `generate` makes the code of the protobuf messages."""

import pathlib
import shutil
import subprocess
import sys

from setuptools import setup
from setuptools.command.build_py import build_py
from setuptools.command.sdist import sdist

HERE = pathlib.Path(__file__).resolve().parent


class BuildWithMessages(build_py):
    def run(self) -> None:
        super().run()
        out = pathlib.Path(self.build_lib) / "futured" / "_generated"
        subprocess.run([sys.executable, str(HERE / "generate"), str(out)], check=True)


class CarryMessages(sdist):
    """A source distribution has no repository around it, so it carries the .proto files."""

    def make_release_tree(self, base_dir: str, files: "list[str]") -> None:
        super().make_release_tree(base_dir, files)
        own = HERE / "proto"
        shutil.copytree(own if own.is_dir() else HERE.parent.parent / "proto", pathlib.Path(base_dir) / "proto")
        shutil.copy(HERE / "generate", base_dir)


setup(cmdclass={"build_py": BuildWithMessages, "sdist": CarryMessages})
