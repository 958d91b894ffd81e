"""`upsim exec`: exit codes, signals, variables, and that nothing but upsim is reached."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.peers import require_program
from tests.support.processes import Process
from upsim.trust import browsing


def execute(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "upsim", "exec", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, **environment},
    )


PRINT_ENVIRONMENT = "import json, os; print(json.dumps(dict(os.environ)))"


def environment_of(*arguments: str, **environment: str) -> dict[str, str]:
    done = execute("-q", *arguments, "--", sys.executable, "-c", PRINT_ENVIRONMENT, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_child_gets_every_variable_and_leaves_no_file(upsim_process: Process) -> None:
    seen = environment_of(
        "--url",
        upsim_process.https,
        NO_PROXY="build.example,.microsoft.com,*",
        no_proxy="",
        NODE_OPTIONS="--no-warnings",
        AZURE_AUTHORITY_HOST="https://login.microsoftonline.us",
    )
    assert seen["HTTPS_PROXY"] == seen["https_proxy"] == seen["UPSIM_PROXY"]
    assert seen["HTTPS_PROXY"].startswith("http://127.0.0.1:")
    assert seen["NO_PROXY"] == seen["no_proxy"] == "localhost,127.0.0.1,::1,build.example"
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        assert Path(seen[name]).name == "bundle.pem"
    assert Path(seen["NODE_EXTRA_CA_CERTS"]).name == "ca.pem"
    assert seen["NODE_OPTIONS"].startswith("--no-warnings --require ")
    assert "-Djavax.net.ssl.trustStore=" in seen["JAVA_TOOL_OPTIONS"]
    assert seen["AZURE_AUTHORITY_HOST"] == "https://login.microsoftonline.us"
    assert seen["UPSIM_URL"] == upsim_process.https
    assert seen["UPSIM_TENANT"] == upsim_process.tenant_id
    assert not Path(seen["UPSIM_CA"]).exists()


def test_a_server_is_started_where_none_is_named() -> None:
    seen = environment_of(AZURE_AUTHORITY_HOST="https://elsewhere.example")
    assert seen["UPSIM_URL"].startswith("https://localhost:")
    assert seen["AZURE_AUTHORITY_HOST"] == "https://login.microsoftonline.com"


@pytest.mark.parametrize("code", [0, 1, 42, 255])
def test_it_exits_as_the_child_does(upsim_process: Process, code: int) -> None:
    url = ("--url", upsim_process.https)
    assert execute(*url, "--", sys.executable, "-c", f"raise SystemExit({code})").returncode == code


def test_options_of_the_command_are_the_commands(upsim_process: Process) -> None:
    done = execute(
        "-q", "--url", upsim_process.https, sys.executable, "-c", "import sys; print(sys.argv)", "--url", "x"
    )
    assert done.stdout.strip() == "['-c', '--url', 'x']"
    assert done.stderr == ""


def test_a_child_that_a_signal_ended_is_told_as_shells_do(upsim_process: Process) -> None:
    kills_itself = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    done = execute("--url", upsim_process.https, "--", sys.executable, "-c", kills_itself)
    assert done.returncode == 128 + signal.SIGKILL


WAITS = """
import signal, sys
signal.signal(signal.{name}, lambda *_: sys.exit(5))
print("waiting", flush=True)
signal.pause()
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1"])
def test_signals_are_passed_on(upsim_process: Process, name: str) -> None:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "upsim", "exec", "-q", "--url", upsim_process.https),
            *("--", sys.executable, "-c", WAITS.format(name=name)),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.Signals[name])
    process.communicate(timeout=60)
    assert process.returncode == 5


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--", "no-such-program-here"], 127, "There is no program 'no-such-program-here'"),
        (["--url", "https://localhost:1", "--", "true"], 3, "No upsim answers at https://localhost:1"),
        (["--seed", "missing.toml", "--", "true"], 2, "cannot be read"),
        ([], 2, "Missing argument"),
    ],
)
def test_what_cannot_be_run_is_one_sentence(arguments: list[str], code: int, said: str) -> None:
    done = execute(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


CALLS = """
import json, sys, urllib.error, urllib.request
def call(url):
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError as error:
        return str(error)
print(json.dumps([call(url) for url in sys.argv[1:]]))
"""


def test_names_that_upsim_plays_are_reached_and_no_other() -> None:
    configuration = "/contoso.example/v2.0/.well-known/openid-configuration"
    done = execute(
        *("-q", "--", sys.executable, "-c", CALLS),
        "https://login.microsoftonline.com" + configuration,
        "https://westus.login.microsoft.com" + configuration,
        "https://login.microsoftonline.us" + configuration,
        "https://graph.microsoft.com/v1.0/print/printers",
        "https://dod-graph.microsoft.us/v1.0/print/printers",
        "https://register.print.microsoft.com/api/v1.0/register",
        "https://management.azure.com/",
        "https://api.example.com/",
        "http://graph.microsoft.com/v1.0/me",
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    assert answers[:6] == [200, 200, 200, 401, 401, 401]
    assert "never called" in answers[6]
    assert "--allow api.example.com" in answers[7]
    assert answers[8] == 403
    assert "management.azure.com" in done.stderr


NODE_CALLS = """
const call = async (url) => {
  try { return (await fetch(url)).status; } catch (error) { return String(error.cause ?? error); }
};
const byModule = (url) => new Promise((resolve) => {
  const asked = require('node:https').get(url, (answer) => resolve(answer.resume().statusCode));
  asked.on('error', (error) => resolve(String(error)));
});
(async () => {
  const [local, ...urls] = process.argv.slice(1);
  const found = [];
  for (const url of urls) found.push(await call(url), await byModule(url));
  found.push(await call(local));
  console.log(JSON.stringify(found));
})();
"""


def test_the_fetch_of_node_that_knows_no_proxy_is_led_too(upsim_process: Process) -> None:
    done = execute(
        *("-q", "--url", upsim_process.https, "--", require_program("node"), "-e", NODE_CALLS),
        str(upsim_process.ready["http"]) + "/_upsim/livez",
        "https://graph.microsoft.com/v1.0/print/printers",
        "https://westus.login.microsoft.com/contoso.example/v2.0/.well-known/openid-configuration",
        "https://management.azure.com/",
        "https://api.example.com/",
    )
    assert done.returncode == 0, done.stderr
    *led, by_fetch, by_module, other, other_by_module, local = json.loads(done.stdout)
    assert led == [401, 401, 200, 200]
    assert "never called" in by_fetch
    assert "never called" in by_module
    assert "--allow api.example.com" in other
    assert "--allow api.example.com" in other_by_module
    assert local == 200


def test_a_page_that_the_program_opens_is_opened_at_upsim(upsim_process: Process, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    record = shlex.join([sys.executable, "-c", f"import sys; open({str(seen)!r}, 'w').write(sys.argv[1])"])
    opens = "import webbrowser; print(webbrowser.open('https://login.microsoftonline.com/devicelogin?a=b'))"
    command = ("-q", "--url", upsim_process.https, "--", sys.executable, "-c", opens)
    done = execute(*command, BROWSER=record + " %s")
    assert done.stdout == "True\n", done.stderr
    assert seen.read_text() == f"{upsim_process.https}/devicelogin?a=b"


def test_a_page_of_microsofts_that_upsim_does_not_have_is_not_opened() -> None:
    assert browsing.led("http://localhost:9/x", "https://localhost:1") == "http://localhost:9/x"
    with pytest.raises(ValueError, match="not opened"):
        browsing.led("https://login.live.com/x", "https://localhost:1")


LOOK_UPS = """
import asyncio, json, sys, aiohttp
async def call(session, url):
    try:
        async with session.get(url) as answer:
            return answer.status
    except OSError as error:
        return str(error)
async def main():
    async with aiohttp.ClientSession() as session:
        print(json.dumps([await call(session, url) for url in sys.argv[1:]]))
asyncio.run(main())
"""


def test_a_python_library_that_ignores_the_proxy_is_led_too(upsim_process: Process) -> None:
    done = execute(
        *("-q", "--url", upsim_process.https, "--", sys.executable, "-c", LOOK_UPS),
        "https://graph.microsoft.com/v1.0/print/printers",
        "https://westus.login.microsoft.com/contoso.example/v2.0/.well-known/openid-configuration",
        "http://graph.microsoft.com/v1.0/me",
        "https://management.azure.com/",
        "https://api.example.com/",
        str(upsim_process.ready["http"]) + "/_upsim/livez",
    )
    assert done.returncode == 0, done.stderr
    graph, login, plain, other, foreign, local = json.loads(done.stdout)
    assert (graph, login, local) == (401, 200, 200)
    assert "on port 443 only" in plain
    assert "never called" in other
    assert "--allow api.example.com" in foreign


def test_a_sitecustomize_of_the_users_own_is_still_loaded(upsim_process: Process, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("MINE = True")
    code = "import os, socket, sitecustomize; print(sitecustomize.MINE, type(socket.getaddrinfo).__name__)"
    command = ("-q", "--url", upsim_process.https, "--", sys.executable, "-c", code)
    done = execute(*command, PYTHONPATH=str(tmp_path))
    assert done.stdout == "True _Led\n", done.stderr


JAVA_CALLS = """
import java.net.*;
import java.net.http.*;
public class Calls {
    public static void main(String[] urls) throws Exception {
        var client = HttpClient.newHttpClient();
        for (var url : urls) {
            try {
                var asked = (HttpURLConnection) new URL(url).openConnection();
                System.out.println(asked.getResponseCode());
                var request = HttpRequest.newBuilder(URI.create(url)).build();
                System.out.println(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode());
            } catch (java.io.IOException error) {
                System.out.println(error.getMessage());
            }
        }
    }
}
"""


def test_java_is_led_and_trusts(upsim_process: Process, tmp_path: Path) -> None:
    require_program("javac")
    program = tmp_path / "Calls.java"
    program.write_text(JAVA_CALLS)
    done = execute(
        *("-q", "--url", upsim_process.https, "--", require_program("java"), str(program)),
        "https://login.microsoftonline.com/contoso.example/v2.0/.well-known/openid-configuration",
        "https://graph.microsoft.com/v1.0/print/printers",
        "https://management.azure.com/",
    )
    assert done.returncode == 0, done.stderr
    *statuses, other = done.stdout.splitlines()
    assert statuses == ["200", "200", "401", "401"]
    assert "never called" in other


def test_curl_needs_no_flag(upsim_process: Process) -> None:
    curl = require_program("curl")
    url = "https://graph.microsoft.com/v1.0/print/printers"
    done = execute(
        "-q", "--url", upsim_process.https, "--", curl, "-sS", "-w", "%{http_code}", "-o", os.devnull, url
    )
    assert done.stdout == "401", done.stderr
