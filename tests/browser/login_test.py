"""A daemon that asks who is calling."""
import hashlib
import json
import pathlib
import secrets
import tempfile
import unittest

from browser_harness import BrowserTest, expect

ALL = ('submit', 'read', 'cancel', 'admin')


class LoginTest(BrowserTest):
    @classmethod
    def setUpClass(cls):
        realm = tempfile.TemporaryDirectory()
        cls.addClassCleanup(realm.cleanup)
        folder = pathlib.Path(realm.name)
        identities = {'all': ALL, 'reader': ('read',)}
        cls.tokens = {name: 'futured_' + secrets.token_urlsafe(32) for name in identities}
        cls.write(folder / 'identities.toml', ''.join(
            f'[identities.{name}]\nnamespace = "own"\nverbs = {json.dumps(list(verbs))}\nexecutors = ["*"]\nfunctions = ["*"]\n'
            for name, verbs in identities.items()))
        cls.write(folder / 'tokens', ''.join(
            f'{name} sha256:{hashlib.sha256(token.encode()).hexdigest()}\n' for name, token in cls.tokens.items()))
        cls.daemon_flags = (f'--identities={folder}/identities.toml', f'--tokens={folder}/tokens')
        super().setUpClass()

    @staticmethod
    def write(path, text):
        path.touch(0o600)
        path.write_text(text)

    def ask(self, method, path, body=None, headers=None, connection=None):
        """Whoever submits for a test may do so."""
        credentials = {'Authorization': f'Bearer {self.tokens["all"]}'}
        return super().ask(method, path, body, {**credentials, **(headers or {})}, connection)

    def log_in(self, token):
        self.page.get_by_label('Token').fill(token)
        self.named('button', 'Log in').click()

    def test_nothing_is_shown_before_the_login(self):
        self.show('/futures')
        expect(self.page.get_by_label('Token')).to_be_focused()
        expect(self.page.locator('header')).to_have_count(0)

    def test_a_wrong_token_is_said_to_be_wrong(self):
        self.show()
        self.log_in('futured_wrong')
        expect(self.page.get_by_role('alert')).to_have_text('The daemon does not know this token.')
        expect(self.page.get_by_label('Token')).to_be_visible()

    def test_the_right_token_opens_the_page_where_it_was_until_the_tab_is_closed(self):
        self.submit('test.fail', {'stringValue': 'seen after the login'}, wait='30s')
        self.show('/futures')
        self.log_in(self.tokens['all'])
        expect(self.page.locator('table.futures')).to_contain_text('seen after the login')
        expect(self.page.locator('.connection')).to_have_text('Live')
        self.page.reload()
        expect(self.page.locator('table.futures')).to_contain_text('seen after the login')
        stored = self.page.evaluate('[JSON.stringify(localStorage), document.cookie, location.href].join()')
        self.assertNotIn(self.tokens['all'], stored)
        other = self.new_page()
        self.show(page=other)
        expect(other.get_by_label('Token')).to_be_visible()

    def test_logging_out_forgets_the_token(self):
        self.show()
        self.log_in(self.tokens['all'])
        self.named('button', 'Log out').click()
        expect(self.page.get_by_label('Token')).to_be_visible()
        self.assertEqual(self.page.evaluate('sessionStorage.length'), 0)

    def test_what_a_caller_may_not_do_is_said(self):
        future = self.submit('test.fail', {'stringValue': 'x'}, wait='30s')['id']
        self.show(f'/futures/{future}')
        self.log_in(self.tokens['reader'])
        self.named('button', 'Forget').click()
        self.page.locator('dialog').get_by_role('button', name='Forget').click()
        expect(self.notice()).to_contain_text('Forget: ')
        expect(self.badge()).to_have_text('failed')


if __name__ == '__main__':
    unittest.main()
