import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_spiders.store.config import StoreConfig, mask_uri
from opendata_spiders.store.environment import find_setting, read_dotenv, readers_of_secrets
from opendata_spiders.store.errors import ConfigError


def test_defaults(tmp_path: Path) -> None:
    config = StoreConfig.from_env({}, tmp_path)
    assert config == StoreConfig(None, "opendata", None, tmp_path / ".data")
    assert config.place == f"the embedded database in {tmp_path / '.data'}"


def test_environment_hides_dotenv(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("MONGODB_DATABASE=from_file\nDATA_DIR='a b'\n# a comment\n\nexport OTHER=1\n")
    config = StoreConfig.from_env({"MONGODB_DATABASE": "from_env"}, tmp_path)
    assert config.database == "from_env"
    assert config.data_dir == tmp_path / "a b"
    assert StoreConfig.from_env({"MONGODB_DATABASE": " "}, tmp_path).database == "opendata"


def test_dotenv_is_not_exported_and_not_interpolated(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PASSWORD=a$HOME${HOME}\n")
    found = find_setting("PASSWORD", env={}, folder=tmp_path)
    assert found is not None
    assert (found.value, found.origin) == ("a$HOME${HOME}", str(tmp_path / ".env"))
    assert find_setting("HOME_OF_NOBODY", env={}, folder=tmp_path) is None


@pytest.mark.parametrize("damage", [b"A=1\nthis is = no 'line\n'x\n", b"A=\xff\xfe\n", b"A=1\0\n"])
def test_corrupted_dotenv(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / ".env").write_bytes(damage)
    with pytest.raises(ConfigError, match=r"\.env"):
        read_dotenv(tmp_path / ".env")


def test_dotenv_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        StoreConfig.from_env({}, tmp_path)


@pytest.mark.parametrize(
    "uri",
    [
        "localhost:27017",
        "http://u:hunter2@host/",
        "mongodb://",
        "mongodb://u:hunter2@h:port/",
        "mongodb://u:hunter2/x@host:99999",
        "mongodb://u:hunter2@/",
        "mongodb://u:hunter2@host:hunter2",
    ],
)
def test_bad_uri_names_variable_and_origin_but_no_password(tmp_path: Path, uri: str) -> None:
    (tmp_path / ".env").write_text(f"MONGODB_URI={uri}\n")
    with pytest.raises(ConfigError, match=r"MONGODB_URI \(from .*\.env\)") as caught:
        StoreConfig.from_env({}, tmp_path)
    assert "u:hunter2" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_uri_is_kept_whole_and_shown_masked(tmp_path: Path) -> None:
    uri = "mongodb://watch:p%40ss@a:27017,b:27018/db?replicaSet=rs0"
    config = StoreConfig.from_env({"MONGODB_URI": uri}, tmp_path)
    assert config.uri == uri
    assert config.place == "mongodb://***@a:27017,b:27018/db?replicaSet=rs0"
    assert "p%40ss" not in repr(config)
    assert StoreConfig.from_env({"MONGODB_URI": "mongodb+srv://u:p@c.example.org/"}, tmp_path).uri


@given(st.text(st.characters(codec="utf-8"), min_size=8).map(lambda text: f"§{text}§"))
def test_a_password_is_never_shown(password: str) -> None:
    for scheme in ("mongodb", "mongodb+srv", "http", "mongo"):
        assert password not in mask_uri(f"{scheme}://user:{password}@host:27017/db")
    assert password.replace("&", "") not in mask_uri(
        f"mongodb://host/?tlsCertificateKeyFilePassword={password.replace('&', '')}"
    )


@pytest.mark.parametrize("name", ["a.b", "a b", "$x", "admin", "x" * 64, "数" * 22, "a/b"])
def test_bad_database_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"MONGODB_DATABASE \(from the environment\)"):
        StoreConfig.from_env({"MONGODB_DATABASE": name}, tmp_path)


def test_data_dir_is_a_file_or_under_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for value in ("file", str(tmp_path / "file" / "deep")):
        with pytest.raises(
            ConfigError, match=r"DATA_DIR \(from the environment\) cannot be a folder, because .*file is no folder"
        ):
            StoreConfig.from_env({"DATA_DIR": value}, tmp_path)


def test_mongod_is_missing_or_cannot_be_executed(tmp_path: Path) -> None:
    binary = tmp_path / "mongod"
    with pytest.raises(ConfigError, match=r"MONGOD .* names no file"):
        StoreConfig.from_env({"MONGOD": str(binary)}, tmp_path)
    binary.write_text("#!/bin/sh\n")
    binary.chmod(0o600)
    with pytest.raises(ConfigError, match=r"MONGOD .* cannot be executed"):
        StoreConfig.from_env({"MONGOD": "mongod"}, tmp_path)
    binary.chmod(binary.stat().st_mode | stat.S_IXUSR)
    assert StoreConfig.from_env({"MONGOD": "mongod"}, tmp_path).mongod == binary


@pytest.mark.parametrize(
    ("text", "mode", "named"),
    [
        ("MONGODB_URI=mongodb://watch:hunter2@db.example.org/\nDATA_DIR=x\n", 0o644, "MONGODB_URI"),
        (
            "SMTP_PASSWORD=hunter2\nHEALTHCHECK_URL=https://hc.example.org/hunter2\n",
            0o640,
            "SMTP_PASSWORD, HEALTHCHECK_URL",
        ),
        ("MONGODB_URI=mongodb://watch:hunter2@db.example.org/\n", 0o600, ""),
        ("MONGODB_URI=mongodb://db.example.org/\nDATA_DIR=x\nSMTP_PASSWORD=\n", 0o644, ""),
        ("", 0o644, ""),
    ],
)
def test_a_dotenv_with_secrets_that_others_can_read(tmp_path: Path, text: str, mode: int, named: str) -> None:
    path = tmp_path / ".env"
    path.write_text(text)
    path.chmod(mode)
    said = readers_of_secrets(path)
    assert said == (f"{path} holds secrets ({named}) and can be read by others: chmod 600 {path}" if named else "")
    assert "hunter2" not in said


def test_a_dotenv_that_is_not_there(tmp_path: Path) -> None:
    assert readers_of_secrets(tmp_path / ".env") == ""
