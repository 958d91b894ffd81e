"""Commands run in the test's own process, as click runs them, for one running upsim."""

import json
from typing import Any

from click.testing import CliRunner, Result

from upsim.cli.main import cli


class Shell:
    """What `upsim ARGUMENTS` says and how it ends."""

    def __init__(self, url: str, **variables: str) -> None:
        self._variables = {"UPSIM_URL": url, **variables}
        self.tenant = variables.get("UPSIM_TENANT", "")

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner(env=self._variables).invoke(cli, arguments)
        assert done.exit_code == code, (done.exit_code, done.stdout, done.stderr, done.exception)
        assert "Traceback" not in done.output
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code).stdout)
