"""The kubectl commands of the documentation do what it says.

They are run as they are printed, by kubectl, against api_server.py. FUTUREDCTL names the tool that makes tokens.
"""
import base64
import contextlib
import copy
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / 'tests' / 'docs'), str(ROOT / 'tests' / 'support')]

from api_server import ApiServer  # noqa: E402
from authority import Authority  # noqa: E402
from docs_test import pages_of  # noqa: E402
from markdown import read_page  # noqa: E402
from page_run import scripts_of  # noqa: E402
from shell import Shell  # noqa: E402

# In the order in which somebody reads them.
PAGES = [ROOT / 'docs' / 'kubernetes.md', ROOT / 'docs' / 'upgrade.md']
APPLY = 'kubectl apply -k deploy/kubernetes'
DAEMON = ('StatefulSet', 'futured', 'futured')


def blocks_of(page):
    """Those with commands of kubectl."""
    return [block for block in page.blocks if re.search(r'\bkubectl\b', block.text)]


class Desk:
    """Where somebody types: a shell in a folder with the manifests, a certificate and its key; kubectl leads to `server`."""

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.folder = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix='futured-kubernetes-')))
            self.server = ApiServer()
            stack.callback(self.server.close)
            self._lay_out()
            self.shell = Shell(self.folder, {'PATH': f'{self.folder}/bin:{os.environ["PATH"]}', 'LC_ALL': 'C.UTF-8',
                                             'HOME': str(self.folder), 'KUBECONFIG': str(self.folder / '.kubeconfig')},
                               self.folder / '.no-daemon')
            stack.callback(self.shell.close)
            self._close = stack.pop_all().close
        return self

    def __exit__(self, *_):
        self._close()

    def _lay_out(self):
        shutil.copytree(ROOT / 'deploy' / 'kubernetes', self.folder / 'deploy' / 'kubernetes')
        Authority(self.folder).issue('server', ['DNS:futured.futured.svc'])
        (self.folder / 'bin').mkdir()
        (self.folder / 'bin' / 'futuredctl').symlink_to(os.environ['FUTUREDCTL'])
        (self.folder / '.kubeconfig').write_text(self.server.kubeconfig())

    def type(self, command, whence=''):
        """What it prints. It has to succeed."""
        output, code = self.shell.run(command)
        assert code == 0, f'{whence}{command}: exit code {code}\n{output}'
        return output

    def type_all_of(self, pages):
        """{command: what it prints}, of all commands beside which kubectl stands."""
        said = {}
        for page in pages:
            for command in (command for block in blocks_of(read_page(page)) for command in scripts_of(block)):
                said[command.text] = self.type(command.text, f'{page.relative_to(ROOT)}:{command.line}: ')
        return said

    def there_is(self):
        """{(kind, namespace, name): object}."""
        return {name: versions[-1] for name, versions in self.server.cluster.everything().items()}

    def change(self, name, old, new):
        """A file of deploy/kubernetes."""
        path = self.folder / 'deploy' / 'kubernetes' / name
        assert old in path.read_text(), old
        path.write_text(path.read_text().replace(old, new))


class DocumentationTest(unittest.TestCase):
    def test_each_page_with_kubectl_is_run(self):
        self.assertEqual([page for page in pages_of(ROOT) if blocks_of(read_page(page))], PAGES)

    def test_pages_name_the_kubectl_that_runs_them(self):
        said = subprocess.run(['kubectl', 'version', '--client', '--output=json'], check=True, capture_output=True, timeout=60)
        version = json.loads(said.stdout)['clientVersion']
        for page in PAGES:
            self.assertIn(f'kubectl {version["major"]}.{version["minor"]}', ' '.join(page.read_text().split()), page)

    def test_no_command_of_kubectl_is_in_prose(self):
        for page in (read_page(path) for path in pages_of(ROOT)):
            for text, line in page.codes():
                self.assertFalse(re.search(r'\bkubectl .', text), f'{page.path}:{line}: nobody runs {text}')


class CommandsTest(unittest.TestCase):
    """All of them have been run, with success, from the first to the last."""

    @classmethod
    def setUpClass(cls):
        cls.desk = cls.enterClassContext(Desk())
        cls.said = cls.desk.type_all_of(PAGES)
        cls.there = cls.desk.there_is()

    def test_each_object_of_the_manifests_is_in_the_namespace(self):
        wanted = {(document['kind'], document['metadata'].get('namespace', ''), document['metadata']['name'])
                  for document in yaml.safe_load_all(self.desk.type('kubectl kustomize deploy/kubernetes'))}
        self.assertEqual({kind for kind, _, _ in wanted},
                         {'Namespace', 'ConfigMap', 'Service', 'ServiceAccount', 'StatefulSet', 'NetworkPolicy',
                          'PodDisruptionBudget'})
        self.assertEqual({namespace for kind, namespace, _ in wanted if kind != 'Namespace'}, {'futured'})
        secret, of_every_cluster = ('Secret', 'futured', 'futured'), ('Namespace', '', 'default')
        self.assertEqual(set(self.there), wanted | {secret, of_every_cluster})

    def test_the_namespace_has_its_labels_though_it_was_there_before(self):
        labels = self.there['Namespace', '', 'futured']['metadata']['labels']
        self.assertEqual(labels['pod-security.kubernetes.io/enforce'], 'restricted')

    def test_the_secret_has_the_files(self):
        data = self.there['Secret', 'futured', 'futured']['data']
        self.assertEqual({name: base64.b64decode(text, validate=True) for name, text in data.items()},
                         {name: (self.desk.folder / name).read_bytes() for name in ('server.pem', 'server.key', 'tokens')})

    def test_there_is_a_token_for_each_identity(self):
        secret = self.there['Secret', 'futured', 'futured']['data']
        configuration, = (found for (kind, _, _), found in self.there.items() if kind == 'ConfigMap')
        tokens = base64.b64decode(secret['tokens']).decode()
        self.assertEqual({line.split()[0] for line in tokens.splitlines() if not line.startswith('#')},
                         set(tomllib.loads(configuration['data']['identities.toml'])['identities']))

    def test_the_daemon_mounts_the_configuration_and_the_secret_that_are_there(self):
        volumes = self.there[DAEMON]['spec']['template']['spec']['volumes']
        configuration, = (volume['configMap']['name'] for volume in volumes if 'configMap' in volume)
        self.assertEqual(set(self.there['ConfigMap', 'futured', configuration]['data']), {'futured.toml', 'identities.toml'})
        secret, = (volume['secret']['secretName'] for volume in volumes if 'secret' in volume)
        self.assertIn(('Secret', 'futured', secret), set(self.there))

    def test_what_is_applied_again_is_unchanged(self):
        lines = self.desk.type(APPLY).splitlines()
        self.assertEqual(len(lines), len(self.said[APPLY].splitlines()) - 1, 'less a warning about the namespace')
        self.assertEqual([line for line in lines if not line.endswith(' unchanged')], [])
        self.assertEqual(self.desk.there_is(), self.there)

    def test_a_restart_changes_an_annotation_of_the_pods_alone(self):
        versions = self.desk.server.cluster.everything()[DAEMON]
        before, after = versions[0]['spec'], copy.deepcopy(versions[-1]['spec'])
        restarted = after['template']['metadata']['annotations'].pop('kubectl.kubernetes.io/restartedAt')
        self.assertRegex(restarted, r'^\d{4}-\d\d-\d\dT')
        self.assertEqual(before, after)

    def test_the_restart_is_waited_for(self):
        said = self.said['kubectl -n futured rollout status statefulset/futured'].splitlines()
        self.assertRegex(said[0], '^Waiting for ')
        self.assertRegex(said[-1], 'roll out complete')
        daemon = self.there[DAEMON]
        self.assertEqual(daemon['status']['observedGeneration'], daemon['metadata']['generation'])
        self.assertEqual(daemon['metadata']['generation'], 2)


class MistakesTest(unittest.TestCase):
    """What a cluster would refuse is refused here too, or the tests above would say little."""

    def setUp(self):
        self.desk = self.enterContext(Desk())

    def refusal(self, command):
        output, code = self.desk.shell.run(command)
        self.assertNotEqual(code, 0, output)
        return output

    def test_an_unknown_field_is_refused(self):
        self.desk.change('stateful-set.yaml', '  replicas: 1', '  replica: 1')
        self.assertRegex(self.refusal(APPLY), "StatefulSet \"futured\" is invalid: .*'replica' was unexpected")

    def test_a_change_to_what_the_schema_does_not_allow_is_refused(self):
        self.desk.type(APPLY)
        self.desk.change('stateful-set.yaml', '  replicas: 1', '  replicas: two')
        self.assertRegex(self.refusal(APPLY), "StatefulSet .*: spec.replicas: 'two' is not of type 'integer'")
        self.assertEqual(self.desk.there_is()[DAEMON]['spec']['replicas'], 1)

    def test_an_unknown_kind_is_refused(self):
        self.desk.change('service-account.yaml', 'kind: ServiceAccount', 'kind: Account')
        self.assertRegex(self.refusal(APPLY), 'no matches for kind "Account"')

    def test_a_namespace_has_to_be_there_first(self):
        self.assertRegex(self.refusal('kubectl -n futured create secret generic futured --from-file=server.pem'),
                         'namespaces "futured" not found')

    def test_what_is_there_is_not_created_again(self):
        self.desk.type('kubectl create namespace futured')
        self.assertRegex(self.refusal('kubectl create namespace futured'), 'already exists')

    def test_the_daemon_is_not_in_the_namespace_of_those_who_name_none(self):
        self.desk.type(APPLY)
        self.assertRegex(self.refusal('kubectl rollout restart statefulset/futured'), 'statefulsets.* "futured" not found')

    def test_who_does_not_wait_sees_a_daemon_that_is_not_ready(self):
        self.desk.type(APPLY)
        self.assertRegex(self.desk.type('kubectl -n futured rollout status statefulset/futured --watch=false'), '^Waiting for ')


if __name__ == '__main__':
    unittest.main()
