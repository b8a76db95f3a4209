"""What the files of deploy/monitoring say. Imports none but Python's own modules, as tests in containers read it, too."""
import json
import pathlib
import re

MONITORING = pathlib.Path(__file__).resolve().parent.parent.parent / 'deploy' / 'monitoring'
# What Grafana puts in place of its variables.
VARIABLES = {'$__rate_interval': '1m', '$instance': '.*'}


def dashboard():
    return json.loads((MONITORING / 'panels' / 'futured.json').read_text())


def panels():
    """Those that show something."""
    return [panel for panel in dashboard()['panels'] if panel['type'] != 'row']


def expressions():
    """{title and letter: PromQL}, of the whole dashboard."""
    found = {}
    for panel in panels():
        for target in panel['targets']:
            text = target['expr']
            for variable, value in VARIABLES.items():
                text = text.replace(variable, value)
            found[f'{panel["title"]}, {target["refId"]}'] = text
    return found


def alerts():
    return re.findall(r'^ +- alert: (\w+)$', (MONITORING / 'alerts.yml').read_text(), re.M)


def data_source():
    """The uid that Grafana knows Prometheus by."""
    return re.search(r'^ +uid: (\w+)$', (MONITORING / 'grafana' / 'datasources' / 'prometheus.yml').read_text(), re.M)[1]
