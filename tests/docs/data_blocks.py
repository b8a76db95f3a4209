"""Blocks that are no commands: each is read by whoever reads such a thing, or by the nearest that is at hand."""
import configparser
import json
import pathlib
import re
import subprocess
import tempfile
import tomllib

import yaml

INSTRUCTIONS = {'ADD', 'ARG', 'CMD', 'COPY', 'ENTRYPOINT', 'ENV', 'EXPOSE', 'FROM', 'HEALTHCHECK', 'LABEL', 'RUN', 'SHELL',
                'STOPSIGNAL', 'USER', 'VOLUME', 'WORKDIR'}


def check_json(text, _):
    for document in filter(None, text.split('\n\n')):
        json.loads(document)


def check_yaml(text, _):
    list(yaml.safe_load_all(text))


def check_ini(text, _):
    # Keys of systemd may be there twice, as in ExecStartPre.
    configparser.RawConfigParser(strict=False, interpolation=None, delimiters=('=',)).read_string(text)


def check_braces(text, _):
    """nginx: what is closed was opened, and each line begins or ends a block, or is a statement."""
    depth = 0
    for line in text.split('\n'):
        line = line.split('#')[0].strip()
        if line and line[-1] not in '{};':
            raise ValueError(f'neither a statement nor a block: {line}')
        depth += line.count('{') - line.count('}')
        if depth < 0:
            raise ValueError(f'closes what is not open: {line}')
    if depth:
        raise ValueError(f'{depth} blocks are not closed')


def check_proto(text, environment):
    """A whole file, or messages and services of one."""
    if 'syntax =' not in text:
        text = 'syntax = "proto3";\n' + text
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / 'block.proto'
        file.write_text(text)
        run(['protoc', f'--proto_path={folder}', f'--proto_path={environment.protos}', f'--descriptor_set_out={folder}/out',
             str(file)], environment)


def check_toml(text, environment):
    """A configuration of the daemon, or a part of one, by the daemon; a file of identities, by the daemon as well."""
    keys = tomllib.loads(text)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        if 'identities' in keys and isinstance(keys['identities'], dict):
            check_identities(text, folder, environment)
        else:
            (folder / 'block.toml').write_text(whole(text, keys))
            run(['futured', f'--config={folder}/block.toml', '--print-config'], environment)


def check_identities(text, folder, environment):
    """These a daemon reads when it starts to serve."""
    (folder / 'identities.toml').write_text(text)
    variables = environment.variables_for(folder)
    command = ['futured', f'--identities={folder}/identities.toml', '--memory']
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as daemon:
        try:
            said = ''
            while 'listening' not in said:
                line = daemon.stderr.readline()
                if not line:
                    raise ValueError(said.strip())
                said += line
        finally:
            daemon.kill()


def whole(text, keys):
    """A part of a configuration, with the executors that its functions need."""
    executors = {function.get('executor') for function in keys.get('functions', {}).values()}
    missing = sorted(executors - set(keys.get('executors', {})) - {None})
    return text + ''.join(f'\n[executors.{name}]\nkind = "process"\n' for name in missing)


def check_cmake(text, _):
    """Statements with their parentheses. A file that has a name is built by the commands of its page."""
    if not re.fullmatch(r'(\s*(#.*\n|\w+\([^()]*(\([^()]*\)[^()]*)*\)))*\s*', text):
        raise ValueError('no statements of CMake')


def check_dockerfile(text, _):
    """Instructions, the first of which is FROM."""
    joined = re.sub(r'\\\n', ' ', re.sub(r'(?m)^\s*#.*\n', '', text))
    words = [line.split()[0] for line in joined.split('\n') if line.strip()]
    unknown = [word for word in words if word not in INSTRUCTIONS]
    if unknown or words[:1] not in (['FROM'], ['ARG']):
        raise ValueError(f'no instructions: {unknown}' if unknown else 'does not begin with FROM')


def run(command, environment):
    done = subprocess.run(command, env=environment.variables, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise ValueError(done.stderr.strip() or f'{command[0]} ended with exit code {done.returncode}')


CHECKS = {'json': check_json, 'yaml': check_yaml, 'ini': check_ini, 'nginx': check_braces, 'proto': check_proto,
          'toml': check_toml, 'cmake': check_cmake, 'dockerfile': check_dockerfile}
