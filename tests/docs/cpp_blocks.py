"""Blocks of C++: those with the name of a file are built by the commands of their page; all others are one translation
unit, as compiling takes its time. Each is the body of a function behind the declarations of cpp_context.h, but for what
must stand outside of functions. #line tells the compiler the page, so that errors name it.
"""
import pathlib
import re
import subprocess

CONTEXT = pathlib.Path(__file__).with_name('cpp_context.h')
OUTSIDE = re.compile(r'^(inline constexpr|struct|class|namespace|template|FUTURED_STRUCT|#)', re.MULTILINE)


def unit_of(blocks, context):
    """The text of the unit. `blocks` has (page, block)."""
    parts = [f'#include "{context.name}"\n']
    for number, (page, block) in enumerate(blocks):
        marked = f'#line {block.line} "{page}"\n{block.text}'
        if OUTSIDE.match(block.text):
            parts.append(f'namespace block_{number} {{\n{marked}}}\n')
        else:
            parts.append(f'[[maybe_unused]] static void block_{number}(futured::Registry& registry, '
                         f'futured::Context& context) {{\n(void)registry; (void)context;\n{marked}}}\n')
    return ''.join(parts)


def faults_of(blocks, place, context=CONTEXT):
    """What the compiler says of the blocks behind a header: lines as PATH:LINE: TEXT; none is fine."""
    if not blocks:
        return []
    source = place.folder / 'blocks.cc'
    source.write_text(unit_of(blocks, context))
    command = ['g++', '-std=c++20', '-O0', '-Wall', '-Wextra', '-fsyntax-only', f'-I{place.prefix}/include',
               f'-I{context.parent}', str(source)]
    done = subprocess.run(command, env=place.variables, capture_output=True, text=True, timeout=240)
    found = re.findall(r'^(\S+?:\d+):\d+: (?:fatal )?(?:error|warning): (.*)$', done.stderr, re.MULTILINE)
    faults = [f'{where}: {what}' for where, what in found]
    return faults or ([done.stderr] if done.returncode != 0 else [])
