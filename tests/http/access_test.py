"""Who may do what over HTTP: each unary RPC of the descriptors, and the pages."""
import hashlib
import json
import pathlib
import secrets
import tempfile
import unittest

from http_harness import HttpTest, eventually, rpcs

# What is needed for each unary RPC, and a request that may fail for other reasons.
VERBS = {
    'FutureService/Submit': ('submit', {'tasks': [{'function': 'test.square'}]}),
    'FutureService/Result': ('read', {'id': 'ID'}),
    'FutureService/Wait': ('read', {'ids': ['ID'], 'returnWhen': 'RETURN_WHEN_ALL_COMPLETED'}),
    'FutureService/Get': ('read', {'ids': ['ID']}),
    'FutureService/List': ('read', {}),
    'FutureService/Cancel': ('cancel', {'ids': ['ID']}),
    'FutureService/Retry': ('submit', {'id': 'ID'}),
    'FutureService/Forget': ('cancel', {'ids': ['ID']}),
    'ExecutorService/List': ('read', {}),
    'ExecutorService/Get': ('read', {'name': 'thread'}),
    'ExecutorService/Pause': ('admin', {'name': 'thread'}),
    'ExecutorService/Resume': ('admin', {'name': 'thread'}),
    'ExecutorService/Drain': ('admin', {'name': 'thread'}),
    'ExecutorService/EndWorkers': ('admin', {'name': 'thread'}),
}
ALL = ('submit', 'read', 'cancel', 'admin')
UNAUTHENTICATED, FORBIDDEN, NOT_FOUND = 401, 403, 404


class AccessTest(HttpTest):
    @classmethod
    def setUpClass(cls):
        realm = tempfile.TemporaryDirectory()
        cls.addClassCleanup(realm.cleanup)
        cls.realm = pathlib.Path(realm.name)
        identities = [('all', 'own', ALL), ('stranger', 'other', ALL)]
        identities += [(f'without-{verb}', 'own', [other for other in ALL if other != verb]) for verb in ALL]
        cls.tokens = {name: cls.token() for name, _, _ in identities}
        cls.tokens['expired'] = cls.token()
        cls.write('identities.toml', ''.join(
            f'[identities.{name}]\nnamespace = "{space}"\nverbs = {json.dumps(list(verbs))}\n'
            f'executors = ["*"]\nfunctions = ["*"]\n' for name, space, verbs in identities))
        cls.write('tokens', ''.join(
            f'{"all" if name == "expired" else name} sha256:{hashlib.sha256(token.encode()).hexdigest()}'
            f'{" expires=2020-01-01T00:00:00Z" if name == "expired" else ""}\n' for name, token in cls.tokens.items()))
        cls.daemon_flags = (f'--identities={cls.realm}/identities.toml', f'--tokens={cls.realm}/tokens')
        super().setUpClass()

    @staticmethod
    def token():
        return 'futured_' + secrets.token_urlsafe(32)

    @classmethod
    def write(cls, name, text):
        path = cls.realm / name
        path.touch(0o600)
        path.write_text(text)

    def credentials(self, name):
        return {'Authorization': 'Bearer ' + self.tokens[name]}

    def own_future(self):
        task = {'tasks': [{'function': 'test.square', 'arguments': {'positional': [{'intValue': 3}]}}], 'wait': '30s'}
        answer = self.post('/v1/FutureService/Submit', task, self.credentials('all'))
        self.assertEqual(answer.status, 200, answer)
        return answer.json()['futures'][0]['id']

    def status(self, path, message, headers):
        return self.post('/v1/' + path, message, headers).status

    def test_each_unary_call_asks_who_calls(self):
        unary = [f'{service}/{method.name}' for service, method in rpcs()
                 if not method.client_streaming and not method.server_streaming]
        self.assertEqual(sorted(unary), sorted(VERBS), 'each has a row above')
        for path in unary:
            verb, message = VERBS[path]
            message = json.loads(json.dumps(message).replace('ID', self.own_future()))
            with self.subTest(path):
                for headers in ({}, {'Authorization': 'Bearer ' + self.token()}, {'Authorization': 'Basic YTpi'},
                                {'Authorization': 'Bearer'}, self.credentials('expired')):
                    answer = self.post('/v1/' + path, message, headers)
                    self.assertEqual(answer.status, UNAUTHENTICATED, answer)
                    self.assertEqual(answer.headers['www-authenticate'], 'Bearer')
                self.assertEqual(self.status(path, message, self.credentials(f'without-{verb}')), FORBIDDEN)
                self.assertNotIn(self.status(path, message, self.credentials('all')), (UNAUTHENTICATED, FORBIDDEN))
            self.status('ExecutorService/Resume', {'name': 'thread'}, self.credentials('all'))

    def test_futures_of_others_are_not_there(self):
        future = self.own_future()
        for path, message in (('Result', {'id': future}), ('Wait', {'ids': [future], 'returnWhen':
                                                                    'RETURN_WHEN_ALL_COMPLETED'})):
            self.assertEqual(self.status('FutureService/' + path, message, self.credentials('stranger')), NOT_FOUND)
        watch = f'/v1/futures/{future}/watch'
        self.assertEqual(self.ask('HEAD', watch, headers=self.credentials('stranger')).status, NOT_FOUND)
        self.assertEqual(self.ask('HEAD', watch, headers=self.credentials('without-read')).status, FORBIDDEN)
        self.assertEqual(self.ask('HEAD', watch).status, UNAUTHENTICATED)
        self.assertEqual(self.ask('HEAD', watch, headers=self.credentials('all')).status, 200)
        got = self.post('/v1/FutureService/List', {}, self.credentials('stranger')).json()
        self.assertNotIn(future, [each['id'] for each in got.get('futures', [])])

    def test_pages_with_figures_are_for_readers(self):
        for page in ('/metrics', '/v1/events', '/v1/tasks'):
            self.assertEqual(self.ask('HEAD', page).status, UNAUTHENTICATED)
            self.assertEqual(self.ask('HEAD', page, headers=self.credentials('expired')).status, UNAUTHENTICATED)
            self.assertEqual(self.ask('HEAD', page, headers=self.credentials('without-read')).status, FORBIDDEN)
            self.assertEqual(self.ask('HEAD', page, headers=self.credentials('all')).status, 200)
        self.assertEqual(self.get('/healthz').status, 200)
        self.assertEqual(self.get('/readyz').status, 200)

    def tasks(self, name):
        """The events of /v1/tasks, from the first on."""
        connection = self.connection()
        connection.request('GET', '/v1/tasks', headers=self.credentials(name))
        response = connection.getresponse()
        self.assertEqual(response.status, 200)
        events = (json.loads(line[len('data: '):]) for line in map(bytes.decode, response) if line.startswith('data: '))
        next(events)
        return events

    def test_tasks_of_others_are_not_seen(self):
        own, foreign = self.tasks('all'), self.tasks('stranger')
        future = self.own_future()
        eventually(lambda: future in [task['id'] for task in next(own)['tasks']])
        for _ in range(2):
            event = next(foreign)
            self.assertEqual((event['seen'], event['tasks']), (0, []))

    def test_identities_have_series(self):
        self.own_future()
        text = self.get('/metrics', self.credentials('all')).text
        self.assertRegex(text, r'futured_identity_submitted_total\{identity="all",namespace="own"\} [1-9]')

    def test_nobody_passes_for_the_http_side(self):
        headers = {'futured-forwarded': 'guess 127.0.0.1:1'}
        self.assertEqual(self.status('ExecutorService/List', {}, headers), UNAUTHENTICATED)


if __name__ == '__main__':
    unittest.main()
