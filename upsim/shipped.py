"""What comes with upsim: its sample seeds. And the seed that the settings choose, one of them or a file."""

from pathlib import Path

from upsim.config import ConfigError, Settings
from upsim.server.seed_files import SeedError, SeedText, listed, open_file
from upsim.services.seeds import Seed


def read_seed(settings: Settings) -> tuple[SeedText, Seed]:
    """Return the seed that the settings name, by file or as one that comes with upsim; else the Contoso sample."""
    path = seed_path(settings.seed or "contoso")
    try:
        typed = open_file(path)
        return typed, typed.read()
    except OSError as error:
        known = ", ".join(seed_names())
        raise ConfigError(f"The seed {path} cannot be read: {error.strerror}. With upsim come {known}.") from error
    except SeedError as error:
        raise ConfigError(f"this is no seed.\n{listed(str(path), error.problems)}") from error


def seed_path(name: str) -> Path:
    """Return the file, or that of a seed that comes with upsim."""
    shipped = fixtures() / f"{name}.toml"
    return shipped if shipped.is_file() and not Path(name).is_file() else Path(name)


def seed_names() -> list[str]:
    """Return the seeds that come with upsim."""
    return sorted(path.stem for path in fixtures().glob("*.toml"))


def fixtures() -> Path:
    """Return the folder of the sample seeds: inside the installed package, or beside it in the repository."""
    package = Path(__file__).parent
    installed = package / "fixtures"
    return installed if installed.is_dir() else package.parent / "fixtures"
