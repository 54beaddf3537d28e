"""Settings by which strangers could listen or come in."""

from ipaddress import ip_address
from urllib.parse import urlsplit

import psycopg

from webmacs.config import Config
from webmacs.config.networks import networks
from webmacs.doctor.database import PATIENCE
from webmacs.doctor.result import Result
from webmacs.embedded.postgrest import CONF
from webmacs.keys.folder import load_keys

NEEDED = {"db-schemas": "api", "db-pre-request": "access.check_request"}
UNWANTED = "db-anon-role"  # strangers could ask the database
RETIRED = "select kid from private.signing_keys where retired_at is not null and kid = any(%s)"


def public_address(config: Config) -> Result:
    """Passwords and tokens travel in plain text only within this machine."""
    url = config.server.public_url
    if urlsplit(url).scheme == "https" or _is_this_machine(urlsplit(url).hostname or ""):
        return Result("public address", url)
    advice = "Put a gateway with TLS before it, and write [server] public_url as https://…"
    return Result("public address", f"{url} shows passwords and tokens to the network", advice)


def listening(config: Config) -> Result:
    """Nobody gets past the gateway with its TLS, if there is one, and nobody on the network in, if there is none."""
    hosts = {"[server] host": config.server.host, "[postgrest] host": config.postgrest.host}
    wide = [f"{name} = {host}" for name, host in hosts.items() if not _is_this_machine(host)]
    if not wide:
        return Result("listening", "on this machine alone")
    if urlsplit(config.server.public_url).scheme == "https":
        return Result("listening", f"{', '.join(wide)}: let a firewall keep all but the gateway away")
    found = f"{', '.join(wide)} shows passwords and tokens to the network"
    return Result("listening", found, "Write 127.0.0.1, or put a gateway with TLS before it and name it in public_url.")


def gateway(config: Config) -> Result:
    """X-Forwarded-For is believed from the gateway alone, and there is one to believe if we are behind one."""
    trusted = config.server.trusted_proxies
    if any(network.prefixlen == 0 for name in trusted for network in networks(name)):
        found = "[server] trusted_proxies is everybody, so everybody chooses the address that limits count"
        return Result("gateway", found, "Write the gateway's own address there, such as 127.0.0.1/32.")
    if config.server.gateway_socket:
        return Result("gateway", f"who comes by {config.server.gateway_socket} says who asks")
    if urlsplit(config.server.public_url).scheme == "https" and not trusted:
        found = "[server] public_url is that of a gateway, and trusted_proxies names none: all share its address"
        return Result("gateway", found, "Write the gateway's address there, such as 127.0.0.1/32; restart.")
    return Result("gateway", f"{', '.join(trusted)} may say who asks" if trusted else "the sidecar is asked directly")


def postgrest_conf(config: Config) -> Result:
    """The lines that are free to be changed still ask the check before each request, and show `api` alone."""
    file = config.folder / CONF
    if not file.exists():
        return Result("postgrest.conf", f"no {file}: PostgREST is started with settings of its own")
    pairs = (line.split("=", 1) for line in file.read_text(encoding="utf-8").splitlines() if "=" in line)
    found = {key.strip(): value.strip().strip('"') for key, value in pairs}
    wrong = [f'{key} = "{value}"' for key, value in NEEDED.items() if found.get(key) != value]
    advice = ([f"Write {', '.join(wrong)}"] if wrong else []) + ([f"Remove {UNWANTED}"] if UNWANTED in found else [])
    if advice:
        return Result("postgrest.conf", f"it is not as it must be: {file}", f"{'; '.join(advice)}; then restart.")
    rows = config.postgrest.max_rows
    return Result("postgrest.conf", f"each request needs a token and is checked; at most {rows} rows in an answer")


def retired_keys(config: Config) -> Result:
    """What a retired key signs is refused; its file has no reason to be there."""
    keys = load_keys(config)
    kids = [key.kid for key in keys.keys] if keys else []
    with psycopg.connect(config.database.admin_uri, connect_timeout=PATIENCE) as connection:
        left = [kid for (kid,) in connection.execute(RETIRED, [kids])]
    if left:
        file = config.auth.keys_dir / f"{left[0]}.pem"
        return Result("retired keys", f"{len(left)} are still in {config.auth.keys_dir}", f"rm {file}; webmacs setup")
    return Result("retired keys", "none is left on the disk")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
