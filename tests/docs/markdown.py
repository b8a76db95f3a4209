"""Pages of Markdown, taken apart: fenced blocks, headings, links, words in code style.

A comment `<!-- LANGUAGE` … `-->` is a block that readers do not see: what a page needs around its examples. A comment
`<!-- run by make TARGET -->` before a block says that this target runs it, as it needs another machine. A comment
`<!-- time TEXT -->` starts a watch, which the next `<!-- time -->` stops: the time in between is printed.
"""
import dataclasses
import pathlib
import re

LANGUAGES = ('console', 'sh', 'python', 'cpp')
FENCE = re.compile(r'^( *)```(\S*)\s*$')
HIDDEN = re.compile(rf'^<!-- ({"|".join(LANGUAGES)})$')
RUN_BY = re.compile(r'^<!-- run by make (\S+) -->$')
TIME = re.compile(r'^<!-- time ?(.*?) ?-->$')
FILE_NAME = re.compile(r'^(?://|#|--) ([\w.-]+\.[a-z]+|CMakeLists\.txt)$')
LINK = re.compile(r'(?<!!)\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)|^\[[^\]]+\]: (\S+)')
IMAGE = re.compile(r'!\[[^\]]*\]\(([^()\s]+)\)')
ELEMENT = re.compile(r'<(?:img|source)\b[^>]*\b(?:src|srcset)="([^"\s]+)"')
CODE = re.compile(r'(`+)(.+?)\1')


@dataclasses.dataclass
class Block:
    """One fenced block, hidden block or watch. `line` is that of its first line of text, from 1."""
    language: str
    text: str
    line: int
    hidden: bool = False
    run_by: str = ''

    @property
    def file(self):
        """The file that it is, named by a comment that is its first line; empty: none."""
        found = FILE_NAME.match(self.text.partition('\n')[0])
        return found.group(1) if found else ''


@dataclasses.dataclass
class Page:
    """`prose` has the lines outside of blocks, with their numbers; `headings` texts with levels, as written."""
    path: pathlib.Path
    blocks: list = dataclasses.field(default_factory=list)
    prose: list = dataclasses.field(default_factory=list)
    headings: list = dataclasses.field(default_factory=list)

    def links(self):
        """(target, line) of each link and image."""
        for number, line in self.prose:
            bare = CODE.sub(lambda code: '`' * len(code.group(0)), line)
            for found in [*LINK.finditer(bare), *IMAGE.finditer(bare), *ELEMENT.finditer(bare)]:
                yield next(group for group in found.groups() if group), number

    def codes(self):
        """(text, line) of each piece in code style."""
        for number, line in self.prose:
            for found in CODE.finditer(line):
                yield found.group(2).strip(), number

    def anchors(self):
        """The names of headings, as GitHub makes them."""
        seen = {}
        for heading in self.headings:
            slug = slug_of(heading)
            count = seen[slug] = seen.get(slug, -1) + 1
            yield f'{slug}-{count}' if count else slug


class MarkdownError(Exception):
    """What makes a page unreadable, as PATH:LINE: TEXT."""


def slug_of(heading):
    text = re.sub(r'\[([^\]]*)\]\([^)]*\)', r'\1', heading).replace('`', '').replace('*', '')
    return re.sub(r'[^\w\- ]', '', text.strip().lower()).replace(' ', '-')


def read_page(path):
    page = Page(path)
    lines = path.read_text().split('\n')
    at, run_by = 0, ''
    while at < len(lines):
        line = lines[at]
        fence, hidden, watch = FENCE.match(line), HIDDEN.match(line), TIME.match(line)
        if fence or hidden:
            begin, indent = at + 1, len(fence.group(1)) if fence else 0
            end_mark = '-->' if hidden else ' ' * indent + '```'
            try:
                at = lines.index(end_mark, begin)
            except ValueError:
                raise MarkdownError(f'{path}:{begin}: the block has no end') from None
            text = '\n'.join(part[indent:] for part in lines[begin:at]) + '\n'
            language = hidden.group(1) if hidden else fence.group(2)
            page.blocks.append(Block(language, text, begin + 1, bool(hidden), run_by))
            run_by = ''
        elif RUN_BY.match(line):
            run_by = RUN_BY.match(line).group(1)
        elif watch:
            page.blocks.append(Block('time', watch.group(1), at + 1, True))
        else:
            page.prose.append((at + 1, line))
            if re.match(r'^#{1,6} ', line):
                page.headings.append(line.lstrip('#').strip())
        at += 1
    return page
