"""Writes what programs print for `--help` into the pages that show it: an option is described in one place, its source."""
import re
import subprocess

SHOWN = re.compile(r'(?<=^```console\n)(\$ (futured(?:ctl)? (?:[\w-]+ )*--help)\n)(?:.*\n)*?(?=```$)', re.MULTILINE)


def update(path, place):
    """Rewrites the page, if it shows anything else."""
    text = path.read_text()

    def printed(found):
        done = subprocess.run(found.group(2).split(), env=place.variables, capture_output=True, text=True, check=True,
                              timeout=60)
        return found.group(1) + done.stdout.rstrip('\n') + '\n'

    updated = SHOWN.sub(printed, text)
    if updated != text:
        path.write_text(updated)
        print(f'{path}: updated')
