"""Apache's certificate: browsers and controllers are shut out when it ends."""

from cryptography import x509

from webmacs.config import Config
from webmacs.doctor.result import Result
from webmacs.gateway.certificate import ADVICE, ends, shown

NAME = "certificate"


def certificate(config: Config) -> Result:
    """What others are shown does not end soon, and Apache does not go on with one from before."""
    file, url = config.gateway.certificate, config.server.public_url
    if not url.startswith("https:"):
        return Result(NAME, "none is needed: the page is at http")
    try:
        lies = x509.load_pem_x509_certificate(file.read_bytes())
    except ValueError:
        return Result(NAME, f"{file} is none", "Put the certificate there that belongs to its key.")
    except (FileNotFoundError, PermissionError):
        seen = shown(config)
        if seen is None:
            return Result(NAME, f"there is none, or not for this account to see: {file}")
        return _judged(url, seen)
    here = shown(config, only_here=True)
    if here is not None and here != lies and ends(lies) is None:
        return Result(NAME, f"{url} does not show what lies in {file}", "systemctl reload apache2")
    return _judged(str(file), lies)


def _judged(where: str, found: x509.Certificate) -> Result:
    said = ends(found)
    return Result(
        NAME, f"{where} {said or f'counts until {found.not_valid_after_utc:%Y-%m-%d}'}", ADVICE if said else None
    )
