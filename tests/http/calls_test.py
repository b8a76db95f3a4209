"""The daemon's RPCs as JSON over HTTP."""
import json
import unittest

from http_harness import HttpTest, UNKNOWN_ID, eventually, rpcs

# A request of each unary RPC that can be done, in JSON; IDs are put in by the test.
REQUESTS = {
    'FutureService/Submit': {'tasks': [{'function': 'test.square', 'arguments': {'positional': [{'intValue': 3}]}}]},
    'FutureService/Result': {'id': 'ID', 'timeout': '30s'},
    'FutureService/Wait': {'ids': ['ID'], 'returnWhen': 'RETURN_WHEN_ALL_COMPLETED', 'timeout': '30s'},
    'FutureService/Cancel': {'ids': ['ID']},
    'FutureService/Get': {'ids': ['ID'], 'outcomes': True},
    'FutureService/List': {'pageSize': 10},
    'FutureService/Retry': {'id': 'FAILED'},
    'FutureService/Forget': {'ids': ['ID']},
    'DaemonService/Get': {},
    'DaemonService/Drain': {},
    'DaemonService/Resume': {},
    'ExecutorService/List': {},
    'ExecutorService/Get': {'name': 'thread'},
    'ExecutorService/Pause': {'name': 'thread'},
    'ExecutorService/Resume': {'name': 'thread'},
    'ExecutorService/Drain': {'name': 'thread'},
    'ExecutorService/EndWorkers': {'name': 'process'},
}


class CallsTest(HttpTest):
    daemon_flags = ('--executor=thread.kind=thread', '--executor=process.kind=process')

    def refused(self, path, message, status, code, headers=None):
        answer = self.post('/v1/' + path, message, headers)
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers['content-type'], 'application/json')
        error = answer.json()
        self.assertEqual(error['code'], code, error)
        self.assertIsInstance(error['details'], list)
        return answer

    def test_each_unary_call_can_be_done(self):
        unary = [f'{service}/{method.name}' for service, method in rpcs()
                 if not method.client_streaming and not method.server_streaming]
        self.assertEqual(sorted(unary), sorted(REQUESTS), 'each has an example above')
        for path in unary:
            future = self.submit('test.square', {'intValue': 4}, executor='thread', wait='30s')['id']
            failed = self.submit('test.fail', {'stringValue': 'x'}, executor='thread', wait='30s')['id']
            message = json.dumps(REQUESTS[path]).replace('ID', future).replace('FAILED', failed)
            self.call(path, json.loads(message))
            self.call('ExecutorService/Resume', {'name': 'thread'})
            self.call('DaemonService/Resume', {})

    def test_streams_are_referred_to_grpc(self):
        streams = [f'{service}/{method.name}' for service, method in rpcs()
                   if method.client_streaming or method.server_streaming]
        self.assertIn('FutureService/Session', streams)
        for path in streams:
            answer = self.refused(path, {}, 501, 12)
            self.assertIn('is a stream', answer.json()['message'])

    def test_an_outcome_comes_with_the_submit_that_waits(self):
        future = self.submit('test.square', {'intValue': 12}, wait='30s')
        self.assertEqual(future['state'], 'FUTURE_STATE_SUCCEEDED')
        self.assertEqual(future['outcome'], {'value': {'intValue': '144'}})

    def test_a_task_that_raises_is_no_error_of_the_call(self):
        future = self.submit('test.fail', {'stringValue': 'broken'}, wait='30s')
        self.assertEqual(future['outcome']['error']['type'], 'std::out_of_range')
        self.assertEqual(future['outcome']['error']['message'], 'broken')

    def test_names_of_fields_may_be_those_of_the_protocol(self):
        answer = self.call('FutureService/Submit', {
            'tasks': [{'function': 'test.square', 'arguments': {'positional': [{'int_value': '5'}]}}], 'wait': '30s'})
        self.assertEqual(answer['futures'][0]['outcome']['value'], {'intValue': '25'})

    def test_an_unknown_future_is_not_found(self):
        answer = self.refused('FutureService/Result', {'id': UNKNOWN_ID}, 404, 5)
        self.assertIn(UNKNOWN_ID, answer.json()['message'])

    def test_a_bad_field_is_named(self):
        answer = self.refused('FutureService/Submit', {'tasks': [{'function': 'no name'}]}, 400, 3)
        self.assertIn('tasks[0].function', answer.json()['message'])

    def test_a_failed_precondition_is_a_bad_request(self):
        self.refused('ExecutorService/EndWorkers', {'name': 'thread'}, 400, 9)

    def test_an_id_that_is_taken_is_a_conflict(self):
        task = {'function': 'test.square', 'id': UNKNOWN_ID.replace('0001', '0002')}
        self.call('FutureService/Submit', {'tasks': [task]})
        self.refused('FutureService/Submit', {'tasks': [{**task, 'function': 'test.fail'}]}, 409, 6)

    def test_a_passing_refusal_says_when_to_try_again(self):
        self.call('ExecutorService/Drain', {'name': 'thread'})
        self.addCleanup(self.call, 'ExecutorService/Resume', {'name': 'thread'})
        message = {'tasks': [{'function': 'test.square', 'options': {'executor': 'thread'}}]}
        answer = self.refused('FutureService/Submit', message, 503, 14)
        self.assertGreaterEqual(int(answer.headers['retry-after']), 1)

    def test_an_unknown_call_is_not_found(self):
        self.refused('FutureService/Nothing', {}, 404, 5)
        self.refused('futured.v1.FutureService/Submit', {}, 404, 5)

    def test_what_is_no_json_is_told(self):
        for text in ('{', '[]', '"text"', '{"tasks": 7}', '{"nothing": 1}', '{"tasks": [' + '{"arguments": ' * 200):
            with self.subTest(text[:30]):
                answer = self.refused('FutureService/Submit', text, 400, 3)
                self.assertIn('SubmitRequest in JSON', answer.json()['message'])

    def test_bytes_that_are_no_text_are_told(self):
        self.refused('FutureService/Submit', b'\xff\xfe\x00', 400, 3)

    def test_an_empty_body_is_an_empty_request(self):
        self.assertIn('executors', self.call('ExecutorService/List', ''))

    def test_a_call_ends_at_its_timeout(self):
        future = self.blocked('timeout')
        self.refused('FutureService/Result', {'id': future}, 504, 4, {'futured-timeout': '0.05'})
        self.open('timeout')

    def test_a_timeout_that_is_none_is_told(self):
        for text in ('soon', '-1', '0', '1e9', 'nan', '3601', ''):
            with self.subTest(text):
                answer = self.refused('ExecutorService/List', {}, 400, 3, {'futured-timeout': text})
                self.assertIn('futured-timeout', answer.json()['message'])

    def test_headers_that_grpc_would_die_of_are_told(self):
        for name in ('Authorization', 'traceparent'):
            for value in ('Bearer \xff', 'Bearer \x01', 'Bearer \t\x7f'):
                with self.subTest((name, value)):
                    self.assertEqual(self.say_header(name, value), 400)
        self.assertEqual(self.get('/healthz').status, 200)

    def say_header(self, name, value):
        text = self.say(f'POST /v1/ExecutorService/List HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
                        f'Connection: close\r\nContent-Length: 2\r\n{name}: {value}\r\n\r\n{{}}'.encode('latin-1'))
        return int(text.split()[1])

    def test_credentials_are_passed_on(self):
        answer = self.post('/v1/ExecutorService/List', {}, {'Authorization': 'Bearer token'})
        self.assertEqual(answer.status, 200, answer)

    def test_the_call_of_a_client_that_goes_is_cancelled(self):
        future = self.blocked('gone')
        before = self.waiting()
        connection = self.socket()
        body = json.dumps({'id': future})
        connection.sendall(f'POST /v1/FutureService/Result HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
                           f'Content-Length: {len(body)}\r\n\r\n{body}'.encode())
        eventually(lambda: self.waiting() == before + 1)
        connection.close()
        eventually(lambda: self.waiting() == before)
        self.open('gone')

    def waiting(self):
        return self.samples()[('futured_waiting_calls', '')]

    def test_large_arguments_pass(self):
        text = 'x' * 1_000_000
        future = self.submit('test.echo', {'stringValue': text}, wait='30s')
        self.assertEqual(future['outcome']['value']['stringValue'], text)


if __name__ == '__main__':
    unittest.main()
