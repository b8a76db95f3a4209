"""Answers for Grafana where there is no registry to get its image from.

It reads the data sources and dashboards that compose.yaml provisions, as Grafana's user and from where Grafana reads them,
and serves the calls of Grafana's HTTP API that tests/docker/monitoring.py makes. So that test finds out whether files are
where they should be, may be read and name each other rightly; it does not find out whether Grafana itself takes them.
"""
import http.server
import json
import os
import pathlib
import signal
import sys
import urllib.error
import urllib.parse
import urllib.request

import yaml

PROVISIONING = pathlib.Path(os.environ['GF_PATHS_PROVISIONING'])
DATABASE = pathlib.Path(os.environ['GF_PATHS_DATA']) / 'grafana.db'
HOME = pathlib.Path(os.environ['GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH'])
PATIENCE = 15


def provisioned(kind, key):
    """The entries under a key of all files of a kind."""
    return [entry for path in sorted((PROVISIONING / kind).glob('*.yml')) for entry in yaml.safe_load(path.read_text())[key]]


def dashboards():
    """{uid: dashboard}"""
    folders = [pathlib.Path(provider['options']['path']) for provider in provisioned('dashboards', 'providers')]
    found = [json.loads(path.read_text()) for folder in folders for path in sorted(folder.glob('*.json'))]
    return {dashboard['uid']: dashboard for dashboard in found}


def forward(url):
    """What a data source answers: (status, bytes)."""
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 502, f'{url}: {error}'.encode()


class Grafana(http.server.BaseHTTPRequestHandler):
    sources = {source['uid']: source['url'] for source in provisioned('datasources', 'datasources')}
    dashboards = dashboards()

    def do_GET(self):
        status, body = self.answer(urllib.parse.urlsplit(self.path))
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body if isinstance(body, bytes) else json.dumps(body).encode())

    def answer(self, url):
        match url.path.strip('/').split('/'):
            case ['api', 'health']:
                return 200, {'database': 'ok'}
            case _ if os.environ.get('GF_AUTH_ANONYMOUS_ENABLED') != 'true':
                return 401, {'message': 'Unauthorized'}
            case ['api', 'dashboards', 'home']:
                return 200, {'dashboard': json.loads(HOME.read_text())}
            case ['api', 'dashboards', 'uid', uid] if uid in self.dashboards:
                return 200, {'dashboard': self.dashboards[uid]}
            case ['api', 'datasources', 'proxy', 'uid', uid, *path] if uid in self.sources:
                return forward(f'{self.sources[uid]}/{"/".join(path)}?{url.query}')
        return 404, {'message': 'Not found'}


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    DATABASE.touch()
    http.server.ThreadingHTTPServer(('', 3000), Grafana).serve_forever()
