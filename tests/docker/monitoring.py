"""Looks at Prometheus and Grafana of compose.yaml, from within its network, until all is as it should be.

Usage: monitoring.py SECONDS    says what is not, and ends with 1, when the seconds are over
The panels' queries have to be taken; that they come to something is tested in tests/monitoring, with a busy daemon.
"""
import json
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'monitoring'))

from monitoring_files import alerts, dashboard, data_source, expressions  # noqa: E402

PROMETHEUS = 'http://prometheus:9090'
GRAFANA = 'http://grafana:3000'
DAEMON = 'futured:7071'
WORK = 'futured_tasks_finished_total{executor="cpu",outcome="succeeded"}'
# Of one request, in seconds.
PATIENCE = 30


class Wrong(Exception):
    """Something is not as it should be, or not yet."""


def expect(truth, otherwise):
    if not truth:
        raise Wrong(otherwise)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Wrong(f'{url}: {error.code} {error.read(300).decode(errors="replace")}') from None
    except (OSError, ValueError) as error:
        raise Wrong(f'{url}: {error}') from None


def query(base, expression):
    answer = get(f'{base}/api/v1/query?' + urllib.parse.urlencode({'query': expression}))
    expect(answer.get('status') == 'success', f'{base}: {expression}: {answer}')
    return answer['data']['result']


def by_grafana(expression):
    return query(f'{GRAFANA}/api/datasources/proxy/uid/{data_source()}', expression)


def the_daemon_is_scraped():
    targets = [(target['labels']['instance'], target['health'], target['lastError'])
               for target in get(PROMETHEUS + '/api/v1/targets')['data']['activeTargets']]
    expect(targets == [(DAEMON, 'up', '')], f'targets: {targets}')


def the_rules_are_evaluated():
    rules = [rule for group in get(PROMETHEUS + '/api/v1/rules')['data']['groups'] for rule in group['rules']]
    names = sorted(rule['name'] for rule in rules)
    expect(names == sorted(alerts()), f'rules: {names}')
    unwell = [(rule['name'], rule['health'], rule.get('lastError', '')) for rule in rules if rule['health'] != 'ok']
    expect(not unwell, f'rules: {unwell}')


def grafana_has_its_dashboard():
    expect(get(GRAFANA + '/api/health')['database'] == 'ok', 'Grafana has no database')
    wanted = dashboard()
    found = get(f'{GRAFANA}/api/dashboards/uid/{wanted["uid"]}')['dashboard']
    expect((found['uid'], found['title']) == (wanted['uid'], wanted['title']), f'dashboard: {found}')
    home = get(GRAFANA + '/api/dashboards/home').get('dashboard', {}).get('title')
    expect(home == wanted['title'], f'the dashboard that is shown first: {home}')


def work_is_counted():
    for answer in (query(PROMETHEUS, WORK), by_grafana(WORK)):
        expect(len(answer) == 1 and float(answer[0]['value'][1]) >= 1, f'{WORK}: {answer}')


def panels_may_ask():
    for name, expression in expressions().items():
        try:
            by_grafana(expression)
        except Wrong as wrong:
            raise Wrong(f'{name}: {wrong}') from None


def until(end, check):
    while True:
        try:
            return check()
        except Wrong as wrong:
            if time.monotonic() > end:
                print(f'{check.__name__}: {wrong}')
                sys.exit(1)
        time.sleep(0.2)


if __name__ == '__main__':
    END = time.monotonic() + float(sys.argv[1])
    for step in (the_daemon_is_scraped, the_rules_are_evaluated, grafana_has_its_dashboard, work_is_counted, panels_may_ask):
        until(END, step)
    print(f'1 target, {len(alerts())} rules, {len(expressions())} queries')
