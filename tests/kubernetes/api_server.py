"""A stand-in for the API server of Kubernetes: as much of it as kubectl asks for to run the commands of the documentation.

It listens at the loopback address, without TLS, and knows no users. The objects are those of cluster.py.
"""
import http.server
import json
import re
import threading
import urllib.parse

from cluster import KINDS, VERSION, Cluster, Place, Refusal

# How long a watch lasts at most, and a connection waits for a request. kubectl begins another.
PATIENCE = 60.0
PATH = re.compile(r'(?:/api|/apis)/(v1|[^/]+/[^/]+)(?:/namespaces/([^/]+))?/([a-z]+)(?:/([^/]+))?')


def place_of(path):
    """Of a path of the API: Refusal if there is nothing of this kind, or not in this way."""
    found = PATH.fullmatch(path)
    version, namespace, plural, name = found.groups() if found else ('', '', '', '')
    for kind in KINDS:
        if (kind.version, kind.plural, kind.namespaced) == (version, plural, namespace is not None):
            return Place(kind, namespace or '', name or '')
    raise Refusal(404, 'NotFound', f'the server has nothing at {path}')


def discovery():
    """{path: what is there}: which versions of which groups there are, and which kinds of each."""
    versions = sorted({kind.version for kind in KINDS} - {'v1'})
    groups = []
    for version in versions:
        one = {'groupVersion': version, 'version': version.split('/')[1]}
        groups.append({'name': version.split('/')[0], 'versions': [one], 'preferredVersion': one})
    major, minor = VERSION.split('.')[:2]
    found = {'/version': {'major': major, 'minor': minor, 'gitVersion': f'v{VERSION}'},
             '/api': {'kind': 'APIVersions', 'versions': ['v1'], 'serverAddressByClientCIDRs': []},
             '/apis': {'kind': 'APIGroupList', 'apiVersion': 'v1', 'groups': groups}}
    for version in ('v1', *versions):
        kinds = [{'name': kind.plural, 'singularName': kind.name.lower(), 'namespaced': kind.namespaced, 'kind': kind.name,
                  'verbs': ['create', 'get', 'list', 'patch', 'watch']} for kind in KINDS if kind.version == version]
        path = '/api/v1' if version == 'v1' else f'/apis/{version}'
        found[path] = {'kind': 'APIResourceList', 'groupVersion': version, 'resources': kinds}
    return found


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    timeout = PATIENCE
    # Or kubectl waits some milliseconds for each body, which follows its head.
    disable_nagle_algorithm = True

    def do_GET(self):
        path, options = self._target()
        if path == '/openapi/v2':
            # kubectl checks by this what it sends, and leaves that to the server where a kind is not in it. These are no
            # bytes of a Protobuf message without fields.
            self._answer_bytes(200, 'application/octet-stream', b'')
        elif path in DISCOVERY:
            self._answer(200, DISCOVERY[path])
        else:
            self._act(lambda: self._look(place_of(path), options))

    def do_POST(self):
        self._act(lambda: self._answer(201, self.server.cluster.create(place_of(self._target()[0]), self._body('json'))))

    def do_PATCH(self):
        def patch():
            place = place_of(self._target()[0])
            self._answer(200, self.server.cluster.patch(place, self._body('strategic-merge-patch+json')))
        self._act(patch)

    def log_message(self, *_):
        """Nothing: kubectl prints what was refused."""

    def _target(self):
        url = urllib.parse.urlsplit(self.path)
        return url.path, dict(urllib.parse.parse_qsl(url.query))

    def _body(self, form):
        """What was sent, if it is of this media type. JSON need not be named."""
        body = self.rfile.read(int(self.headers['Content-Length']))
        if self.headers.get('Content-Type', 'application/json') != f'application/{form}':
            raise Refusal(415, 'UnsupportedMediaType', f'{self.command} takes application/{form}')
        return json.loads(body)

    def _look(self, place, options):
        """One object; or all of a kind in a namespace, or the one of a name; or what changes of these."""
        cluster = self.server.cluster
        if place.name:
            return self._answer(200, cluster.get(place))
        key, _, name = options.get('fieldSelector', 'metadata.name=').partition('=')
        if key != 'metadata.name' or 'labelSelector' in options:
            raise Refusal(400, 'BadRequest', 'objects are selected by metadata.name alone')
        if options.get('watch') in ('1', 'true'):
            return self._watch(cluster.watch(place, name, int(options['resourceVersion']), PATIENCE))
        found, version = cluster.list(place, name)
        return self._answer(200, {'kind': f'{place.kind.name}List', 'apiVersion': place.kind.version,
                                  'metadata': {'resourceVersion': version}, 'items': found})

    def _watch(self, events):
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Connection', 'close')
        self.end_headers()
        for event in events:
            self.wfile.write(json.dumps(event).encode() + b'\n')

    def _act(self, action):
        try:
            action()
        except Refusal as refusal:
            self._answer(refusal.code, refusal.status)
        except ConnectionError:
            self.close_connection = True

    def _answer(self, code, document):
        self._answer_bytes(code, 'application/json', json.dumps(document).encode())

    def _answer_bytes(self, code, form, body):
        self.send_response(code)
        self.send_header('Content-Type', form)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class ApiServer(http.server.ThreadingHTTPServer):
    """Serves on a free port until it is closed; `cluster` is what it has."""

    def __init__(self):
        super().__init__(('127.0.0.1', 0), Handler)
        self.cluster = Cluster()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={'poll_interval': 0.05})
        self._thread.start()

    def kubeconfig(self):
        """The text of a file that leads kubectl here. JSON is YAML."""
        return json.dumps({'apiVersion': 'v1', 'kind': 'Config', 'current-context': 'here',
                           'clusters': [{'name': 'here', 'cluster': {'server': f'http://127.0.0.1:{self.server_port}'}}],
                           'contexts': [{'name': 'here', 'context': {'cluster': 'here', 'user': ''}}]})

    def close(self):
        self.shutdown()
        self._thread.join()
        self.server_close()


DISCOVERY = discovery()
