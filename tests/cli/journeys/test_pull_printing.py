"""`upsim badge`, `upsim pull-printer` and `upsim job`: the set-up of pull printing, and the owner's phone."""

import shlex
import time
from collections.abc import Iterator

import pytest

from tests.support.polling import PATIENCE_SECONDS
from tests.support.processes import Process
from tests.support.shell import Shell
from upsim.shipped import fixtures

ALEX, SAM = "alex@contoso.example", "sam@contoso.example"


@pytest.fixture(scope="module")
def pull_print_process(_own_state_folder: None) -> Iterator[Process]:
    """A server with the pull-print seed."""
    process = Process("--seed", str(fixtures() / "pull-print.toml"))
    yield process
    process.stop()


@pytest.fixture
def shell(pull_print_process: Process) -> Shell:
    return Shell(pull_print_process.https)


def test_badges_are_given_listed_and_taken_away(shell: Shell) -> None:
    assert shell.run("badge", "list").stdout.splitlines()[0].split() == ["BADGE", "USER", "USER", "ID"]
    before = shell.json("badge", "list")
    assert [(each["id"], each["user"]) for each in before] == [("1001", ALEX), ("1002", SAM)]
    made = shell.json("badge", "add", "card/7", "--user", "alex")
    assert (made["id"], made["user"]) == ("card/7", ALEX)
    assert [each["id"] for each in shell.json("badge", "list", "--user", "alex")] == ["1001", "card/7"]
    again = shell.run("badge", "add", "card/7", "--user", SAM, code=1)
    assert (again.stdout, again.stderr) == (
        "",
        "upsim: There is a badge 'card/7' already; delete it before it is given to another user.\n",
    )
    assert "'nobody' does not exist" in shell.run("badge", "add", "9", "--user", "nobody", code=1).stderr
    assert shell.run("badge", "remove", "card/7").stdout == ""
    assert "card/7" in shell.run("badge", "remove", "card/7", code=1).stderr
    assert shell.json("badge", "list") == before


def test_a_pull_printer_from_its_making_to_its_end(shell: Shell) -> None:
    made = shell.json(
        *("pull-printer", "create", "Second", "--format", "pdf", "--format", "urf", "--no-color"),
        *("--member", "Contoso Lobby", "--share", "Second"),
    )
    assert (made["formats"], made["isColor"], made["share"]["allowAllUsers"]) == (
        ["application/pdf", "image/urf"],
        False,
        True,
    )
    assert [each["displayName"] for each in made["members"]] == ["Contoso Lobby"]
    listed = {each["displayName"]: each for each in shell.json("pull-printer", "list")}
    assert listed.keys() == {"Contoso Anywhere", "Second"}
    assert "all configured printers" in shell.run("pull-printer", "list").stdout

    changed = shell.json("pull-printer", "options", "Second", "--format", "xps", "--media", "iso_a3_297x420mm")
    assert (changed["media"], changed["isColor"]) == (["iso_a3_297x420mm"], True)
    shared = shell.json(
        "pull-printer", "share", "Second", "Third floor", "--group", "Third floor", "--user", "sam"
    )
    assert (shared["share"]["allowedUsers"], shared["share"]["allowedGroups"]) == ([SAM], ["Third floor"])
    assert "sam@contoso.example, Third floor" in shell.run("pull-printer", "show", "Second").stdout
    without = shell.json("pull-printer", "member", "remove", "Second", "Contoso Lobby")
    assert without["members"] == []
    with_it = shell.json("pull-printer", "member", "add", "Second", "Contoso Lobby")
    assert [each["displayName"] for each in with_it["members"]] == ["Contoso Lobby"]
    assert shell.json("pull-printer", "all-printers", "Second", "on")["allPrinters"] is True
    assert shell.json("pull-printer", "all-printers", "Second", "off")["allPrinters"] is False

    assert "share" in shell.run("pull-printer", "delete", "Second", code=1).stderr
    assert shell.json("pull-printer", "share", "Second", "--remove")["share"] is None
    assert shell.run("pull-printer", "delete", "Second").stdout == ""
    assert [each["displayName"] for each in shell.json("pull-printer", "list")] == ["Contoso Anywhere"]


def test_what_cannot_be_set_up_is_one_sentence(shell: Shell) -> None:
    for arguments, code, said in (
        (("member", "add", "Contoso Anywhere", "Contoso Anywhere"), 1, "is a pull-print printer itself"),
        (("member", "add", "Contoso Anywhere", "None"), 1, "'None'"),
        (("show", "Contoso Lobby"), 1, "'Contoso Lobby'"),
        (("share", "Contoso Anywhere"), 2, "or --remove"),
        (("create", "x", "--format", "pcl"), 2, "'pcl'"),
        (("create", " "), 1, "must not be empty"),
    ):
        done = shell.run("pull-printer", *arguments, code=code)
        assert said in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize(("share", "where"), [("Lobby", ()), ("Anywhere", ("--printer", "Contoso Lobby"))])
def test_the_owner_releases_a_job_and_it_is_printed(shell: Shell, share: str, where: tuple[str, ...]) -> None:
    shell.run("print", str(fixtures() / "sample.pdf"), "--share", share, "--as", "alex", "--no-wait")
    (held,) = shell.json("job", "held", "--as", "alex")
    assert (held["state"], held["reasons"]) == ("pending-held", ["job-held-for-release"])
    assert shell.json("job", "held", "--as", "sam") == []
    refusal = shell.run("job", "release", held["id"], "--as", "sam", *where, code=1)
    assert refusal.stderr == f"upsim: Job {held['id']} can be released by its owner alone.\n"
    released = shell.json("job", "release", held["id"], "--as", "alex", *where)
    assert (released["id"], released["releasedTo"] is not None) == (held["id"], True)
    assert shell.json("job", "held", "--as", "alex") == []
    again = shell.run("job", "release", held["id"], "--as", "alex", *where, code=1)
    assert "does not wait to be released" in again.stderr
    end = time.monotonic() + PATIENCE_SECONDS
    while "it is completed" not in again.stderr:
        assert time.monotonic() < end
        again = shell.run("job", "release", held["id"], "--as", "alex", code=1)


@pytest.mark.parametrize("share", ["Lobby", "Anywhere"])
def test_a_held_job_says_the_command_that_moves_it_and_that_command_does(shell: Shell, share: str) -> None:
    shell.run("print", str(fixtures() / "sample.pdf"), "--share", share, "--as", "alex", "--no-wait")
    (held,) = shell.json("job", "held", "--as", "alex")
    why = shell.json("job", "why", held["id"])
    assert (why["turn"], why["state"]) == ("owner", "pending-held")
    text = " ".join(shell.run("job", "why", held["id"]).stdout.split())
    assert text == why["paragraph"]
    assert why["moves"][0] in text
    assert shell.json(*shlex.split(why["moves"][0])[1:])["releasedTo"] is not None
    assert "4711" in shell.run("job", "why", "4711", code=1).stderr
