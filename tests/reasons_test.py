#!/usr/bin/env python3
"""Every reason of a refusal has its row in proto/futured/v1/errors.proto, which says its code and whether to retry.

Reads server/core/reason.h and the proto as texts, as comments are what this is about, and prints a line for each reason
that is only in one of them, is not described as the others are, or is given another code.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
ROW = re.compile(r'ReasonRow\{Reason::k\w+,\s*"(\w+)",\s*Code::k(\w+)\}')
VALUE = re.compile(r'((?:^  //.*\n)*)^  ERROR_REASON_(\w+) = \d+;', re.MULTILINE)
DESCRIPTION = re.compile(r"([A-Z_]+); (don't retry|retry after the delay)\. \S")


def code_name(constant):
    """INVALID_ARGUMENT for InvalidArgument."""
    return re.sub(r'(?<!^)([A-Z])', r'_\1', constant).upper()


def rows(header):
    """The code of each reason."""
    return {name: code_name(code) for name, code in ROW.findall(header)}


def values(proto):
    """The description of each reason; empty where there is none."""
    found = {}
    for comment, name in VALUE.findall(proto):
        found[name] = ' '.join(line.strip().removeprefix('//').strip() for line in comment.splitlines())
    del found['UNSPECIFIED']
    return found


def complaints(header, proto):
    codes, descriptions = rows(header), values(proto)
    for name in sorted(codes.keys() ^ descriptions.keys()):
        yield f'{name}: is in {"reason.h" if name in codes else "errors.proto"} only'
    for name in sorted(codes.keys() & descriptions.keys()):
        described = DESCRIPTION.match(descriptions[name])
        if not described:
            yield f'{name}: errors.proto does not say code, whether to retry, and when it comes'
        elif described.group(1) != codes[name]:
            yield f'{name}: its code is {codes[name]}, and errors.proto says {described.group(1)}'


def check_itself():
    header = 'ReasonRow{Reason::kNew, "NEW", Code::kNotFound},'
    proto = '  ERROR_REASON_UNSPECIFIED = 0;\n'
    good = proto + "  // NOT_FOUND; don't retry. It is\n  // not there.\n  ERROR_REASON_NEW = 1;\n"
    assert not list(complaints(header, good))
    for bad in (proto, proto + '  ERROR_REASON_NEW = 1;\n', good.replace('NOT_FOUND', 'ABORTED'),
                good.replace("don't retry", 'perhaps')):
        assert len(list(complaints(header, bad))) == 1, bad


def main():
    check_itself()
    header = (ROOT / 'server/core/reason.h').read_text()
    proto = (ROOT / 'proto/futured/v1/errors.proto').read_text()
    found = list(complaints(header, proto))
    print('\n'.join(found) or f'reasons: {len(rows(header))}, all described')
    return 1 if found or not rows(header) else 0


if __name__ == '__main__':
    sys.exit(main())
