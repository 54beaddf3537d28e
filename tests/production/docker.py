"""`python -m tests.production.docker`: the images of docker/Dockerfile made and their containers played, as root."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict

from tests.production.__main__ import FOLDER, require, tell
from tests.production.images import Image, make
from tests.production.machine import ENTER, Bare, said


def main() -> None:
    require()
    bare = Bare(FOLDER)
    images: dict[str, Image] = {}
    for target in ("program", "gateway"):
        tell(f"the image {target}")
        make(bare, target, images)
    tell("PostgreSQL")
    database = bare.folder / "image-postgresql"
    bare.copy_base(database)
    command = "apt-get update -q && apt-get install -q -y --no-install-recommends postgresql"
    said(str(ENTER), str(database), "/bin/sh", "-euc", command)
    for old in (*bare.folder.glob("volume-*"), *bare.folder.glob("secrets*"), *bare.folder.glob("*.log")):
        shutil.rmtree(old) if old.is_dir() else old.unlink()
    written = {name: asdict(image) | {"root": str(image.root)} for name, image in images.items()}
    (bare.folder / "images.json").write_text(json.dumps(written))
    tell("the containers")
    play = [sys.executable, "-m", "tests.production.containers", str(bare.folder)]
    code = subprocess.run([ENTER, database, "--apart", *play], check=False).returncode
    if os.environ.get("WEBMACS_PRODUCTION_KEEP") != "1":
        for folder in bare.folder.glob("image-*"):
            shutil.rmtree(folder)
    sys.exit(code)


if __name__ == "__main__":
    main()
