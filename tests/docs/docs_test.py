#!/usr/bin/env python3
"""Tests the documentation: runs the blocks of each page, compiles its C++, follows its links, looks up its names.

Usage: docs_test.py --build BUILD_DIR --package FOLDER [--update] [PAGE…]

FOLDER has the Python package as the build has made it. --update writes what `--help` prints into the pages that show it.
Ends with 1 and a line PATH:LINE: TEXT for each fault.
"""
import argparse
import concurrent.futures
import pathlib
import re
import sys
import tempfile
import time

import cpp_blocks
import elsewhere
import links
import markdown
import names
import update
from page_run import PageRun
from place import ROOT, Place

# Two pages at once: most of the time of one is waiting.
JOBS = 2
# Pages whose links are followed, though nothing of them is run.
LINKS_ONLY = ('SECURITY.md', 'server/DESIGN.md', 'server/store/SCHEMA.md', 'tests/README.md',
              'examples/README.md', 'examples/python/README.md', 'client/python/docs/worker.md',
              'client/python/docs/semantics.md')


def pages_of(root):
    """The pages that are run."""
    return sorted([root / 'README.md', root / 'client/python/README.md', *(root / 'docs').rglob('*.md')])


def make_targets(root):
    return set(re.findall(r'^([a-z][a-z0-9-]*):', (root / 'Makefile').read_text(), re.MULTILINE))


def run_pages(pages, place, root):
    """Runs them, prints what each came to, and gives the faults: (path, line, text)."""
    targets = make_targets(root)

    def run(page):
        name = str(page.path.relative_to(root))
        begun = time.monotonic()
        return name, PageRun(page, name, place, targets).run(), time.monotonic() - begun

    faults = []
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        # Those with much to do first, so that none of them is left alone at the end.
        for name, done, seconds in pool.map(run, sorted(pages, key=lambda page: -len(page.blocks))):
            print(f'{name}: {done.commands} commands and programs, {seconds:.1f} s')
            for text, took in done.times:
                print(f'  {text}: {took:.1f} s')
            faults += [(name, line, text) for line, text in done.faults]
    return faults


def static_faults(pages, known, root):
    """Of links, files, names, and commands that are run elsewhere: (path, line, text)."""
    every = {page.path: page for page in pages}
    more = [markdown.read_page(root / name) for name in LINKS_ONLY if (root / name).exists()]
    for page in [*pages, *more]:
        name = page.path.relative_to(root)
        found = [*links.faults_of_links(page, root)]
        if page.path in every:
            found += [*links.faults_of_files(page, root), *names.faults_of_names(page, known),
                      *elsewhere.faults_of_commands(page, root)]
        yield from ((name, line, text) for line, text in found)


def cpp_faults(pages, place, root):
    blocks = [(page.path.relative_to(root), block) for page in pages for block in page.blocks
              if block.language == 'cpp' and not block.file]
    return cpp_blocks.faults_of(blocks, place)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--build', required=True, type=pathlib.Path)
    parser.add_argument('--package', required=True, type=pathlib.Path)
    parser.add_argument('--update', action='store_true')
    parser.add_argument('pages', nargs='*', type=pathlib.Path)
    given = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix='futured-docs-') as folder:
        place = Place(pathlib.Path(folder), given.build.resolve(), given.package.resolve())
        if given.update:
            for path in pages_of(ROOT):
                update.update(path, place)
        pages = [markdown.read_page(path.resolve()) for path in given.pages or pages_of(ROOT)]
        known = names.Known(ROOT, place)
        found = [f'{path}:{line}: {text}' for path, line, text in static_faults(pages, known, ROOT)]
        if not given.pages:
            found += [f'{path}: {text}' for path, text in names.faults_of_reference(ROOT, known)]
        found += cpp_faults(pages, place, ROOT)
        found += [f'{path}:{line}: {text}' for path, line, text in run_pages(pages, place, ROOT)]
    print('\n'.join(found) or f'{len(pages)} pages as they should be')
    return 1 if found else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except markdown.MarkdownError as error:
        sys.exit(str(error))
