"""Two machines, as far as the network is concerned: namespaces with a cable between them, made and removed by the test.

Addresses are those of RFC 5737 for documentation, and nothing leads out of the namespaces.
"""
import os
import shutil
import subprocess

PATIENCE = 30


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=PATIENCE)
    if done.returncode:
        raise OSError(f'{" ".join(command)}: {done.stdout.decode().strip()}')


def why_not():
    """Why there can be none here; None if there can."""
    if os.geteuid() != 0:
        return 'only root makes network namespaces'
    for program in 'ip', 'iptables':
        if not shutil.which(program):
            return f'there is no {program}'
    try:
        Machine('probe', '192.0.2.3').remove()
    except OSError as error:
        return f'no network namespaces: {error}'
    return None


class Machine:
    """A namespace, with an end of the cable once there is one."""

    def __init__(self, name, address):
        self.name, self.address = f'futured-{os.getpid()}-{name}', address
        self.inside = ('ip', 'netns', 'exec', self.name)
        self.cable = f'fd{os.getpid()}{name[0]}'[:15]
        run('ip', 'netns', 'add', self.name)
        self.ip('link', 'set', 'lo', 'up')

    def ip(self, *words):
        run('ip', '-n', self.name, *words)

    def plug_in(self):
        self.ip('address', 'add', f'{self.address}/24', 'dev', self.cable)
        self.ip('link', 'set', self.cable, 'up')

    def firewall(self, *rule):
        run(*self.inside, 'iptables', *rule)

    # What is done to what arrives. Each lasts until all is let in again.

    def drop_what_comes(self):
        """Without a word, as a cable that was cut."""
        self.firewall('-A', 'INPUT', '-i', self.cable, '-j', 'DROP')

    def drop_some_of_what_comes(self, share):
        self.firewall('-A', 'INPUT', '-i', self.cable, '-m', 'statistic', '--mode', 'random', '--probability',
                      str(share), '-j', 'DROP')

    def reset_what_comes(self):
        """As a machine that has forgotten its connections."""
        self.firewall('-A', 'INPUT', '-i', self.cable, '-p', 'tcp', '-j', 'REJECT', '--reject-with', 'tcp-reset')

    def let_in(self):
        self.firewall('-F', 'INPUT')

    def remove(self):
        run('ip', 'netns', 'delete', self.name)


class Network:
    """The machine of the daemon and that of its clients. `close` removes both."""

    def __init__(self):
        self.machines = []
        try:
            for name, address in ('server', '192.0.2.1'), ('client', '192.0.2.2'):
                self.machines.append(Machine(name, address))
            self.server, self.client = self.machines
            run('ip', 'link', 'add', self.server.cable, 'netns', self.server.name, 'type', 'veth', 'peer', 'name',
                self.client.cable, 'netns', self.client.name)
            for machine in self.machines:
                machine.plug_in()
        except BaseException:
            self.close()
            raise

    def cut(self):
        """Both ways."""
        for machine in self.machines:
            machine.drop_what_comes()

    def heal(self):
        for machine in self.machines:
            machine.let_in()

    def close(self):
        for machine in self.machines:
            machine.remove()
        self.machines = []
