"""The objects of a cluster that is none: kept in memory, and each that arrives is checked by the schema of its kind, strictly.

What it does not know it refuses, so that nothing works here by being ignored: other kinds, and patches of other forms. It runs
no pods, and of the defaults that a real one fills in it has the one that kubectl needs.
"""
import datetime
import hashlib
import json
import threading
import time
import typing
import uuid

import kubernetes_validate

VERSION = kubernetes_validate.latest_version()


class Kind(typing.NamedTuple):
    version: str
    name: str
    plural: str
    namespaced: bool = True


KINDS = [Kind('v1', 'Namespace', 'namespaces', namespaced=False), Kind('v1', 'ConfigMap', 'configmaps'),
         Kind('v1', 'Secret', 'secrets'), Kind('v1', 'Service', 'services'), Kind('v1', 'ServiceAccount', 'serviceaccounts'),
         Kind('apps/v1', 'StatefulSet', 'statefulsets'), Kind('networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'),
         Kind('policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets')]


class Place(typing.NamedTuple):
    """Of an object, or without a name of all of a kind in a namespace. Namespaces are in none: there it is empty."""
    kind: Kind
    namespace: str
    name: str = ''


class Refusal(Exception):
    def __init__(self, code, reason, message, details=None):
        super().__init__(message)
        self.code = code
        self.status = {'apiVersion': 'v1', 'kind': 'Status', 'metadata': {}, 'status': 'Failure', 'code': code,
                       'reason': reason, 'message': message, 'details': details or {}}


def merged(value, patch):
    """A strategic merge, as far as it is one of maps, where null removes a key. Lists it would merge by keys that depend on the
    kind, so a list is taken only where there was none; directives, which are keys with $, are refused for the same reason."""
    another_list = isinstance(patch, list) and value not in (None, patch)
    if another_list or isinstance(patch, dict) and any(key.startswith('$') for key in patch):
        raise Refusal(501, 'NotImplemented', f'this patch needs more than a merge of maps: {json.dumps(patch)}')
    if not isinstance(patch, dict):
        return patch
    result = dict(value) if isinstance(value, dict) else {}
    for key, part in patch.items():
        if part is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), part)
    return result


def check(place, given):
    """Refuses what the schema does not allow, and what belongs to another place."""
    metadata = given.get('metadata', {})
    if (given.get('apiVersion'), given.get('kind')) != (place.kind.version, place.kind.name) or \
            metadata.get('name') != place.name or metadata.get('namespace', place.namespace) != place.namespace:
        raise Refusal(400, 'BadRequest', f'this object does not belong to {place}')
    try:
        kubernetes_validate.validate(given, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        # kubectl prints of these the details.
        cause = {'field': '.'.join(map(str, error.path)), 'message': error.message}
        details = {'kind': place.kind.name, 'name': place.name, 'causes': [cause]}
        raise Refusal(422, 'Invalid', f'{place.kind.name} "{place.name}" is invalid: {cause}', details) from None


def with_defaults(given):
    """kubectl rollout asks how a StatefulSet is updated."""
    if given['kind'] != 'StatefulSet':
        return given
    strategy = {'type': 'RollingUpdate', 'rollingUpdate': {'partition': 0}}
    return {**given, 'spec': {'updateStrategy': strategy, **given['spec']}}


def settled(daemons):
    """What the controller of StatefulSets makes of one, once the pods that it asks for run and are ready."""
    count = daemons['spec'].get('replicas', 1)
    template = json.dumps(daemons['spec']['template'], sort_keys=True).encode()
    revision = f'{daemons["metadata"]["name"]}-{hashlib.sha256(template).hexdigest()[:10]}'
    counts = dict.fromkeys(('replicas', 'readyReplicas', 'availableReplicas', 'currentReplicas', 'updatedReplicas'), count)
    return {**daemons, 'status': {**counts, 'observedGeneration': daemons['metadata']['generation'],
                                  'currentRevision': revision, 'updateRevision': revision}}


def is_of(at, place, name):
    """Whether the object there is one of those of a place without a name; of those only `name`, unless it is empty."""
    return at._replace(name='') == place and name in ('', at.name)


class Cluster:
    """The objects, and all that they have been. What was stored is never changed, so it may be read without the lock."""

    def __init__(self):
        self._changed = threading.Condition()
        self._objects = {}
        # (place, what a watch calls it, object) of each change. A resource version is how many of them there were.
        self._changes = []
        namespace = Place(KINDS[0], '', 'default')
        self.create(namespace, {'apiVersion': 'v1', 'kind': 'Namespace', 'metadata': {'name': 'default'}})

    def get(self, place):
        with self._changed:
            if place not in self._objects:
                raise Refusal(404, 'NotFound', f'{place.kind.plural} "{place.name}" not found')
            return self._objects[place]

    def create(self, place, given):
        place = place._replace(name=given.get('metadata', {}).get('name', ''))
        check(place, given)
        if place.namespace:
            self.get(Place(KINDS[0], '', place.namespace))
        with self._changed:
            if place in self._objects:
                raise Refusal(409, 'AlreadyExists', f'{place.kind.plural} "{place.name}" already exists')
            born = datetime.datetime.now(datetime.timezone.utc)
            made = {'uid': str(uuid.uuid4()), 'creationTimestamp': f'{born:%Y-%m-%dT%H:%M:%SZ}'}
            inside = {'namespace': place.namespace} if place.namespace else {}
            return self._store(place, with_defaults({**given, 'metadata': {**given['metadata'], **inside, **made}}))

    def patch(self, place, patch):
        with self._changed:
            result = merged(self.get(place), patch)
            check(place, result)
            return self._store(place, result)

    def list(self, place, name):
        """(objects, resource version) of a place without a name; of those only `name`, unless it is empty."""
        with self._changed:
            found = [self._objects[at] for at in self._objects if is_of(at, place, name)]
            return found, str(len(self._changes))

    def watch(self, place, name, since, seconds):
        """The changes of what `list` gives, from a resource version on. The controller is done as soon as somebody watches,
        and not before: so a client that waits for it has to watch, and nothing depends on which of two threads is first."""
        with self._changed:
            for at in [at for at in self._objects if at.kind.name == 'StatefulSet' and is_of(at, place, name)]:
                self._store(at, settled(self._objects[at]))
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            with self._changed:
                self._changed.wait_for(lambda: len(self._changes) > since, left)
                news, since = self._changes[since:], len(self._changes)
            yield from ({'type': what, 'object': found} for at, what, found in news if is_of(at, place, name))

    def everything(self):
        """{(kind, namespace, name): [each of its versions, the last one last]}."""
        found = {}
        with self._changed:
            for place, _, version in self._changes:
                found.setdefault((place.kind.name, place.namespace, place.name), []).append(version)
        return found

    def _store(self, place, given):
        """With the lock held. What is as it was is no change."""
        before = self._objects.get(place)
        if given == before:
            return before
        generation = before['metadata']['generation'] if before else 0
        if not before or before.get('spec') != given.get('spec'):
            generation += 1
        counted = {'generation': generation, 'resourceVersion': str(len(self._changes) + 1)}
        stored = {**given, 'metadata': {**given['metadata'], **counted}}
        self._objects[place] = stored
        self._changes.append((place, 'MODIFIED' if before else 'ADDED', stored))
        self._changed.notify_all()
        return stored
