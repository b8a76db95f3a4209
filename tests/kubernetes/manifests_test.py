"""deploy/kubernetes: valid by the schemas of old and new Kubernetes, and what it says fits the daemon's configuration."""
import copy
import pathlib
import re
import subprocess
import tomllib
import unittest

import kubernetes_validate
import yaml

FOLDER = pathlib.Path(__file__).resolve().parents[2] / 'deploy' / 'kubernetes'
# The oldest one with everything that is used, and the newest one of which there are schemas.
VERSIONS = ['1.29', kubernetes_validate.latest_version()]


def documents(name):
    return list(yaml.safe_load_all((FOLDER / name).read_text()))


def kustomization():
    return documents('kustomization.yaml')[0]


def resources():
    return [document for name in kustomization()['resources'] for document in documents(name)]


def one(kind, name='futured'):
    found = [document for document in resources() if (document['kind'], document['metadata']['name']) == (kind, name)]
    assert len(found) == 1, (kind, name)
    return found[0]


def pod():
    return one('StatefulSet')['spec']['template']['spec']


def container():
    return pod()['containers'][0]


def settings():
    """Of the daemon: the file, and what the environment outranks."""
    text = tomllib.loads((FOLDER / 'futured.toml').read_text())
    variables = {entry['name'].removeprefix('FUTURED_').lower(): entry.get('value') for entry in container()['env']}
    return {**text, **variables}


def seconds(duration):
    return int(re.fullmatch(r'(\d+)s', duration)[1])


class SchemaTest(unittest.TestCase):
    def test_each_manifest_is_valid(self):
        for version in VERSIONS:
            for document in [*resources(), *documents('secret.example.yaml')]:
                with self.subTest(version=version, kind=document['kind'], name=document['metadata']['name']):
                    kubernetes_validate.validate(document, version, strict=True)

    def test_a_mistake_would_be_found(self):
        for change in (lambda wrong: wrong['spec'].update(replica=2),
                       lambda wrong: wrong['spec'].update(replicas='two'),
                       lambda wrong: wrong['spec'].pop('selector'),
                       lambda wrong: wrong['spec']['template']['spec']['containers'][0].update(probe={})):
            wrong = copy.deepcopy(one('StatefulSet'))
            change(wrong)
            for version in VERSIONS:
                with self.assertRaises(kubernetes_validate.ValidationError):
                    kubernetes_validate.validate(wrong, version, strict=True)

    def test_no_file_is_forgotten(self):
        named = {*kustomization()['resources'], 'kustomization.yaml', 'secret.example.yaml'}
        self.assertEqual(named, {path.name for path in FOLDER.glob('*.yaml')})

    def test_kustomize_puts_it_together(self):
        made = subprocess.run(['kubectl', 'kustomize', FOLDER], check=True, capture_output=True, text=True, timeout=60)
        rendered = list(yaml.safe_load_all(made.stdout))
        for document in rendered:
            kubernetes_validate.validate(document, VERSIONS[-1], strict=True)
        configuration, = (document for document in rendered if document['kind'] == 'ConfigMap')
        self.assertEqual(set(configuration['data']), {'futured.toml', 'identities.toml'})
        daemon, = (document for document in rendered if document['kind'] == 'StatefulSet')
        mounted = {volume['name']: volume for volume in daemon['spec']['template']['spec']['volumes']}
        self.assertEqual(mounted['configuration']['configMap']['name'], configuration['metadata']['name'])


class DaemonTest(unittest.TestCase):
    def test_it_is_given_the_time_that_a_drain_takes(self):
        needed = seconds(settings()['drain_grace']) + seconds(settings()['exit_margin'])
        self.assertGreater(pod()['terminationGracePeriodSeconds'], needed)

    def test_probes_ask_the_pages_about_health(self):
        paths = {name: container()[name]['httpGet'] for name in ('startupProbe', 'livenessProbe', 'readinessProbe')}
        self.assertEqual({name: get['path'] for name, get in paths.items()},
                         {'startupProbe': '/healthz', 'livenessProbe': '/healthz', 'readinessProbe': '/readyz'})
        self.assertEqual({get['port'] for get in paths.values()}, {'http'})

    def test_ports_are_those_that_it_listens_on(self):
        ports = {port['name']: port['containerPort'] for port in container()['ports']}
        self.assertIn(f'tls://0.0.0.0:{ports["grpc"]}', settings()['listen'])
        self.assertEqual(settings()['http_listen'], f'$(POD_IP):{ports["http"]}')
        for name in ('futured', 'futured-daemons'):
            for port in one('Service', name)['spec']['ports']:
                self.assertEqual(port['port'], ports[port['targetPort']], name)

    def test_files_are_where_the_configuration_looks_for_them(self):
        places = {mount['mountPath']: mount['name'] for mount in container()['volumeMounts']}
        secret = set(documents('secret.example.yaml')[0]['stringData'])
        configuration = set(kustomization()['configMapGenerator'][0]['files'])
        for key in ('tls_certificate', 'tls_key', 'identities', 'tokens', 'config'):
            path = pathlib.PurePath(settings()[key])
            found = {'secret': secret, 'configuration': configuration}[places[str(path.parent)]]
            self.assertIn(path.name, found, key)
        self.assertEqual(places['/var/lib/futured'], one('StatefulSet')['spec']['volumeClaimTemplates'][0]['metadata']['name'])
        self.assertTrue(settings()['data_dir'].startswith('/var/lib/futured/'), 'the volume itself is its group\'s too')

    def test_the_group_may_read_secrets_and_nobody_may_write_them(self):
        secret, = (volume['secret'] for volume in pod()['volumes'] if 'secret' in volume)
        self.assertEqual(secret['defaultMode'], 0o440)
        self.assertEqual(pod()['securityContext']['fsGroup'], pod()['securityContext']['runAsGroup'])


class SecurityTest(unittest.TestCase):
    def test_the_pod_keeps_to_the_restricted_profile(self):
        self.assertEqual(one('Namespace')['metadata']['labels']['pod-security.kubernetes.io/enforce'], 'restricted')
        of_pod, of_container = pod()['securityContext'], container()['securityContext']
        self.assertTrue(of_pod['runAsNonRoot'])
        self.assertEqual(of_pod['seccompProfile'], {'type': 'RuntimeDefault'})
        self.assertIs(of_container['allowPrivilegeEscalation'], False)
        self.assertEqual(of_container['capabilities'], {'drop': ['ALL']})
        self.assertTrue(of_container['readOnlyRootFilesystem'])
        self.assertFalse({'hostNetwork', 'hostPID', 'hostIPC'} & set(pod()))
        allowed = {'configMap', 'secret', 'emptyDir'}
        self.assertEqual([volume['name'] for volume in pod()['volumes'] if not allowed & set(volume)], [])

    def test_the_user_is_the_one_of_the_image(self):
        dockerfile = (FOLDER.parents[1] / 'Dockerfile').read_text()
        user = pod()['securityContext']
        self.assertIn(f'USER {user["runAsUser"]}:{user["runAsGroup"]}\n', dockerfile)

    def test_selectors_find_the_pod(self):
        labels = one('StatefulSet')['spec']['template']['metadata']['labels'].items()
        selectors = [one('StatefulSet')['spec']['selector']['matchLabels'], one('Service')['spec']['selector'],
                     one('Service', 'futured-daemons')['spec']['selector'],
                     one('NetworkPolicy')['spec']['podSelector']['matchLabels'],
                     one('PodDisruptionBudget')['spec']['selector']['matchLabels']]
        for selector in selectors:
            self.assertLessEqual(selector.items(), labels)
        self.assertEqual(one('StatefulSet')['spec']['serviceName'], one('Service', 'futured-daemons')['metadata']['name'])

    def test_the_network_lets_clients_and_prometheus_in_and_nobody_out(self):
        policy = one('NetworkPolicy')['spec']
        self.assertEqual(set(policy['policyTypes']), {'Ingress', 'Egress'})
        self.assertEqual(policy['egress'], [])
        self.assertEqual([port['port'] for rule in policy['ingress'] for port in rule['ports']], ['grpc', 'http'])
        self.assertTrue(all(rule['from'] for rule in policy['ingress']))


if __name__ == '__main__':
    unittest.main()
