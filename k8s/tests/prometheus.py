"""A real Prometheus, for as long as the tests run."""

import json
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import yaml

PATIENCE = 60
# Proxies of the environment are not for loopback.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Prometheus:
    """Scrapes one service, as if it were a pod of the namespace `rubrica`."""

    def __init__(self, url: str):
        self.url = url

    @classmethod
    @contextmanager
    def start(cls, target: str, rules_file: Path):
        directory = rules_file.parent
        labels = {"namespace": "rubrica", "pod": "rubrica-a"}
        config = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(rules_file)],
            "scrape_configs": [{"job_name": "rubrica", "static_configs": [{"targets": [target], "labels": labels}]}],
        }
        (directory / "prometheus.yaml").write_text(yaml.safe_dump(config))
        address = f"127.0.0.1:{free_port()}"
        with open(directory / "prometheus.log", "w") as log:
            process = subprocess.Popen(
                [
                    "prometheus",
                    f"--config.file={directory}/prometheus.yaml",
                    f"--storage.tsdb.path={directory}/data",
                    f"--web.listen-address={address}",
                ],
                stdout=log,
                stderr=log,
            )
        try:
            prometheus = cls(f"http://{address}")
            # A rate needs two scrapes, and what was recorded of it one more evaluation.
            prometheus.wait_for("count_over_time(rubrica_build_info[5m]) > 3")
            prometheus.wait_for("namespace:rubrica_http_slow:ratio_rate5m")
            yield prometheus
        finally:
            process.terminate()
            process.wait()

    def query(self, expression: str) -> list:
        """The series that an expression has now. One that is not valid is an error."""
        return self.get("query", query=expression)["result"]

    def rules(self) -> list:
        """All rules, and how their last evaluation went."""
        return [rule for group in self.get("rules")["groups"] for rule in group["rules"]]

    def metrics(self) -> set[str]:
        """The names of all metrics that were ever scraped or recorded."""
        return set(self.get("label/__name__/values"))

    def wait_for(self, expression: str):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                if self.query(expression):
                    return
            except urllib.error.URLError:
                pass  # It is not up yet.
            time.sleep(0.5)
        raise AssertionError(f"never came: {expression}")

    def get(self, what: str, **parameters):
        words = urllib.parse.urlencode(parameters)
        try:
            with OPENER.open(f"{self.url}/api/v1/{what}?{words}") as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
