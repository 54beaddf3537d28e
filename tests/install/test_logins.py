"""Our lines in PostgreSQL's files of logins: at the top, once, and gone again without a trace."""

from pathlib import Path

from webmacs.install.database import _has, _put, _rewrite, _without

DEBIAN = "# Database administrative login by Unix domain socket\nlocal   all   postgres   peer\n"


def test_lines_go_in_once_and_out_again(tmp_path: Path) -> None:
    file = tmp_path / "pg_hba.conf"
    file.write_text(DEBIAN)
    file.chmod(0o640)
    assert not _has(file, "local webmacs a peer")
    _put(file, "local webmacs a peer")
    assert _has(file, "local webmacs a peer")
    _put(file, "local webmacs a,b peer")
    assert file.read_text().splitlines()[1] == "local webmacs a,b peer"
    assert file.read_text().endswith(DEBIAN)
    assert file.stat().st_mode & 0o777 == 0o640
    _rewrite(file, _without(file.read_text()))
    assert file.read_text() == DEBIAN
