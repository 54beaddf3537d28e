"""Apache: certificate, modules, virtual host."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from webmacs.gateway.apache import virtual_host
from webmacs.gateway.certificate import TLS_PORT
from webmacs.install.files import File, Files
from webmacs.install.plan import CURRENT, SITE, TLS, Plan
from webmacs.install.step import Found, Step
from webmacs.install.system import IMAGE
from webmacs.problem import Problem

MODULES = (
    *("ssl", "http2", "proxy_http", "proxy_balancer", "lbmethod_byrequests"),
    *("rewrite", "headers", "brotli", "unique_id", "lua"),
)
ENABLED = Path("/etc/apache2")
PORTS = "/etc/apache2/conf-available/webmacs-ports.conf"
DAYS = 820  # some browsers refuse what counts for longer
SOON = 30 * 24 * 3600


class Certificate(Step):
    """The given one; else one that we sign ourselves, which browsers warn of."""

    name = "certificate"

    def __init__(self, plan: Plan) -> None:
        self._plan, self._machine = plan, plan.machine

    def look(self) -> Found:
        gateway = self._plan.config.gateway
        certificate, key = gateway.certificate, gateway.certificate_key
        if not str(certificate).startswith(f"{TLS}/"):
            return Found(f"{certificate}, yours")
        if not self._machine.live:
            return Found(left_out=IMAGE)
        if not (certificate.exists() and key.exists()):
            return Found(wanted=[f"sign one for {self._plan.host} ourselves, {certificate}: browsers will warn of it"])
        said = self._machine.attempt("openssl", "x509", "-in", str(certificate), "-noout", "-checkend", str(SOON))
        if said.returncode:
            return Found(wanted=[f"sign {certificate} anew, which ends within 30 days"])
        return Found(f"{certificate}, signed by itself: browsers warn of it")

    def do(self) -> None:
        gateway, host = self._plan.config.gateway, self._plan.host
        folder = self._machine.path(TLS)
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)  # Apache reads it as root
        key, draft = gateway.certificate_key, gateway.certificate.with_suffix(".new")
        if not key.exists():
            key.touch(0o600)
            self._machine.run(
                *("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", str(key))
            )
        name = f"{'IP' if _is_address(host) else 'DNS'}:{host}"
        self._machine.run(
            *("openssl", "req", "-x509", "-key", str(key), "-out", str(draft), "-days", str(DAYS)),
            *("-subj", f"/CN={host[:64]}", "-addext", f"subjectAltName={name}"),
            *("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "extendedKeyUsage=serverAuth"),
        )
        anew = gateway.certificate.exists()
        draft.replace(gateway.certificate)
        if anew and self._machine.systemd:  # Apache goes on with what it has read
            self._machine.run("systemctl", "try-reload-or-restart", "apache2.service")


class Modules(Step):
    """Those that the virtual host needs, besides what Debian enables."""

    name = "Apache modules"

    def __init__(self, plan: Plan) -> None:
        self._machine = plan.machine

    def look(self) -> Found:
        if not self._machine.live:
            return Found(left_out=IMAGE)
        missing = [name for name in MODULES if not (ENABLED / f"mods-enabled/{name}.load").exists()]
        return Found(" ".join(MODULES), [f"enable {' '.join(missing)}"] if missing else [])

    def do(self) -> None:
        self._machine.run("a2enmod", "--quiet", *MODULES)


class VirtualHost(Files):
    """What `webmacs apache` prints, and the ports that it listens on."""

    def __init__(self, plan: Plan) -> None:
        config = plan.config
        if not (config.server.page / "index.html").exists():
            raise Problem(
                f"There is no page in {config.server.page}: build it (npm run build in frontend/) before the wheel"
                " of webmacs is made, or set [server] frontend_dir."
            )
        # by the name that stays, whichever version it is
        text = virtual_host(config).replace(str(plan.version), CURRENT)
        files = [File(SITE, text)]
        ports = {urlsplit(config.server.public_url).port or TLS_PORT, config.gateway.http_port} - {TLS_PORT, 80}
        if ports:
            files.append(File(PORTS, "".join(f"Listen {port}\n" for port in sorted(ports))))
        super().__init__("virtual host", plan.machine, files, plan.force)


class Site(Step):
    """Enabled, in the place of Debian's page."""

    name = "site"

    def __init__(self, plan: Plan) -> None:
        self._machine = plan.machine

    def look(self) -> Found:
        if not self._machine.live:
            return Found(left_out=IMAGE)
        wanted = [] if (ENABLED / "sites-enabled/webmacs.conf").exists() else ["enable webmacs"]
        if (ENABLED / "sites-enabled/000-default.conf").exists():
            wanted.append("disable 000-default, Debian's page")
        if Path(PORTS).exists() and not (ENABLED / "conf-enabled/webmacs-ports.conf").exists():
            wanted.append("enable webmacs-ports")
        return Found("webmacs is enabled", wanted)

    def do(self) -> None:
        if Path(PORTS).exists():
            self._machine.run("a2enconf", "--quiet", "webmacs-ports")
        self._machine.run("a2ensite", "--quiet", "webmacs")
        if (ENABLED / "sites-enabled/000-default.conf").exists():
            self._machine.run("a2dissite", "--quiet", "000-default")
        self._machine.run("apache2ctl", "configtest")


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False
