"""futuredctl token."""
import json
import os
import re
import signal
import stat
import unittest

from harness import OK, REFUSED, USAGE, CliTest, Daemon, eventually

TOKEN = re.compile(r'futured_[A-Za-z0-9_-]{43}\n')


class TokenTest(CliTest):
    def setUp(self):
        super().setUp()
        self.file = self.directory / 'tokens'

    def token(self, *arguments):
        return self.run_ctl('token', *arguments, '--file', self.file)

    def new(self, identity, *more):
        result = self.token('new', identity, *more)
        self.check(result, OK)
        self.assertRegex(result.out, TOKEN)
        return result.out.strip()

    def listed(self):
        return [json.loads(line) for line in self.token('list', '--output', 'json').out.splitlines()]


class FileTest(TokenTest):
    def test_new_prints_the_token_once_and_keeps_its_hash(self):
        token = self.new('web')
        text = self.file.read_text()
        self.assertNotIn(token, text)
        self.assertRegex(text, r'^web sha256:[0-9a-f]{64} id=[0-9a-f]{8}\n$')
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o600)
        self.assertNotIn(token, self.token('list').out)

    def test_several_tokens_of_an_identity_stand_side_by_side(self):
        self.assertNotEqual(self.new('web'), self.new('web'))
        self.assertEqual([entry['identity'] for entry in self.listed()], ['web', 'web'])

    def test_expiry_is_a_duration_or_a_time(self):
        self.new('web', '--expires', '30d')
        self.new('web', '--expires', '2030-01-01T00:00:00+01:00')
        self.new('web')
        first, second, third = self.listed()
        self.assertRegex(first['expires'], r'^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$')
        self.assertEqual(second['expires'], '2029-12-31T23:00:00Z')
        self.assertNotIn('expires', third)
        self.check(self.token('new', 'web', '--expires', 'soon'), USAGE)

    def test_list_says_which_have_expired(self):
        self.new('web', '--expires', '2020-01-01T00:00:00Z')
        self.assertTrue(self.listed()[0]['expired'])
        self.assertIn('2020-01-01T00:00:00Z (expired)', self.token('list').out)

    def test_revoke_takes_out_one(self):
        self.new('web')
        self.new('ci')
        web, ci = self.listed()
        self.check(self.token('revoke', web['id']), OK)
        self.assertEqual(self.listed(), [ci])
        result = self.token('revoke', web['id'])
        self.check(result, REFUSED)
        self.assertIn(f'no token has the ID {web["id"]}', result.err)

    def test_json_has_all_of_a_new_one(self):
        result = json.loads(self.token('new', 'web', '--output', 'json').out)
        self.assertEqual(result['id'], self.listed()[0]['id'])
        self.assertRegex(result['token'] + '\n', TOKEN)

    def test_file_that_others_may_read_is_refused(self):
        self.new('web')
        os.chmod(self.file, 0o644)
        result = self.token('list')
        self.check(result, REFUSED)
        self.assertIn('has the mode 0644', result.err)
        self.check(self.token('new', 'web'), REFUSED)

    def test_bad_usage_says_what_is_missing(self):
        self.assertIn('IDENTITY', self.check(self.token('new'), USAGE).err)
        self.assertIn('--file', self.check(self.run_ctl('token', 'list'), USAGE).err)
        self.check(self.run_ctl('token'), USAGE)
        self.check(self.token('new', 'a b'), USAGE)


class DaemonTest(TokenTest):
    def test_daemon_reads_the_file_at_its_start_and_on_sighup(self):
        identities = self.directory / 'identities.toml'
        identities.write_text('[identities.web]\nverbs = ["read"]\n')
        self.new('web', '--expires', '30d')
        guarded = self.directory / 'guarded'
        guarded.mkdir()
        daemon = Daemon(guarded, f'--identities={identities}', f'--tokens={self.file}')
        self.addCleanup(daemon.stop)
        self.assertTrue(daemon.address)
        log = guarded / 'log'
        self.new('web')
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: 'reloaded what=identities' in log.read_text())
        self.new('wbe')
        daemon.process.send_signal(signal.SIGHUP)
        eventually(lambda: 'did you mean web?' in log.read_text())


if __name__ == '__main__':
    unittest.main()
