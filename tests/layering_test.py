#!/usr/bin/env python3
"""Who may include whom, and how large files may be.

Reads every source of the tree and fails with a line for each #include that points against the arrows of
server/DESIGN.md, and for each file above the ceiling.
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
CEILING = 400
OWN = re.compile(r'(server/(?:core|proto|exec|worker|sandbox|security|store|rpc|http)|client|task|futured|tests|examples)(?=/)')

# Folder: (own folders it may include, foreign headers it may not).
RULES = {
    'server/core': ({'server/core'}, r'boost/|google/|grpc|absl/|sqlite|futured/'),
    'server/store': ({'server/core', 'server/proto', 'server/store'}, r'boost/|grpc|absl/'),
    'server/proto': ({'server/core', 'server/proto', 'futured'}, r'boost/|grpc|absl/|sqlite'),
    'server/exec': ({'server/core', 'server/proto', 'server/exec', 'futured'}, r'grpc|absl/|sqlite'),
    'server/worker': ({'server/core', 'server/proto', 'server/exec', 'server/worker', 'futured'}, r'grpc|absl/|sqlite'),
    'server/sandbox': ({'server/exec', 'server/sandbox'}, r'boost/|google/|grpc|absl/|sqlite|futured/'),
    'server/security': ({'server/core', 'server/security'}, r'boost/|google/|grpc|absl/|sqlite|futured/'),
    'server/rpc': ({'server/core', 'server/proto', 'server/rpc', 'server/security', 'futured'}, r'sqlite|openssl/'),
    'server/http': ({'server/core', 'server/proto', 'server/http', 'futured'}, r'grpc|absl/|sqlite'),
    'task': ({'task', 'futured'}, r'grpc|absl/|sqlite|server/'),
    # futuredctl makes tokens.
    'client': ({'client', 'server/security', 'futured'}, r'sqlite|server/'),
    'examples': ({'examples', 'futured'}, r'grpc|absl/|server/'),
}


def sources():
    folders = [ROOT / name for name in ('client', 'examples', 'server', 'task', 'tests')]
    return sorted(path.relative_to(ROOT) for folder in folders for path in folder.rglob('*.*')
                  if path.suffix in ('.h', '.cc'))


def complaints(path):
    text = (ROOT / path).read_text()
    lines = text.count('\n')
    if lines > CEILING:
        yield f'{path}: {lines} lines, the ceiling is {CEILING}'
    folder = next((name for name in RULES if str(path).startswith(name + '/')), None)
    if folder is None:
        return
    allowed, forbidden = RULES[folder]
    for number, include in re.findall(r'^()#include ["<]([^">]+)[">]', text, re.MULTILINE):
        own = OWN.match(include)
        if own and own.group(1) not in allowed:
            yield f'{path}: {folder} may not include {include}'
        elif re.match(forbidden, include) and not (own and own.group(1) in allowed):
            yield f'{path}: {folder} may not include {include}'


def main():
    found = [complaint for path in sources() for complaint in complaints(path)]
    print('\n'.join(found) or f'layers: {len(sources())} files as they should be')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main())
