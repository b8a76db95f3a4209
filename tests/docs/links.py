"""Links of pages, and the files that they name: whether each leads somewhere."""
import pathlib
import re
import urllib.parse

from markdown import read_page

FILE = re.compile(r'^\.{0,2}/?[\w.-]+(?:/[\w.-]+)+\.[a-z]{1,5}$|^[\w-]+\.(?:md|proto)$')


def faults_of_links(page, root):
    """Links that lead nowhere, as (line, text)."""
    for target, line in page.links():
        path, _, anchor = target.partition('#')
        if re.match(r'^[a-z]+:', target):
            continue
        file = (page.path.parent / urllib.parse.unquote(path)).resolve() if path else page.path
        if not file.exists():
            yield line, f'the link {target} leads nowhere'
        elif not file.is_relative_to(root):
            yield line, f'the link {target} leads out of the repository'
        elif anchor and file.suffix == '.md' and anchor not in read_page(file).anchors():
            yield line, f'{file.relative_to(root)} has no heading #{anchor}'


def faults_of_files(page, root):
    """Files in code style that are neither in the repository nor made by the page, as (line, text)."""
    text = page.path.read_text()
    names = {path.name for path in root.glob('**/*.proto')} | {path.name for path in root.glob('**/*.md')}
    for code, line in page.codes():
        if not FILE.match(code) or code.startswith('/') or is_there(code, page, root) or code in names:
            continue
        if text.count(pathlib.PurePath(code).name) > 1:  # A block makes it.
            continue
        yield line, f'there is no file {code}'


def is_there(name, page, root):
    places = (root, page.path.parent, root / 'proto', root / 'server', root / 'tests')
    return any((place / name).exists() for place in places)
