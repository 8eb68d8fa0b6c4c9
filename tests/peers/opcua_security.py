"""Certificates, users and a wrong clock for the OPC UA server.

`security` of the set-up, every key but `folder` optional:
  folder            where `server.der`, `server.pem`, `user.pem`, `user-key.pem` are made when they are not there
  hosts             the hosts of the server's certificate, by default 127.0.0.1
  from_s, until_s   its validity in seconds from now, by default from an hour ago for a day
  policies          names of asyncua's SecurityPolicyType, by default all that are not withdrawn
  tokens            of "anonymous", "user", "certificate", by default all
  users             {"name": "password"}
  client_key        a path where a key for the client is made when there is none
  trusted           a folder of certificates of clients; without it every client is trusted
`clock_ahead_s` of the set-up: by how much the server's clock is ahead.
"""

import datetime
import ipaddress
from pathlib import Path

from asyncua import ua
from asyncua.crypto import validator, truststore
from asyncua.crypto.permission_rules import User, UserRole
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

URI = "urn:davy:acceptance:server"
POLICIES = ["NoSecurity"] + [
    f"{policy}_{mode}"
    for policy in ("Basic256Sha256", "Aes128Sha256RsaOaep", "Aes256Sha256RsaPss")
    for mode in ("Sign", "SignAndEncrypt")
]
TOKENS = {
    "anonymous": ua.AnonymousIdentityToken,
    "user": ua.UserNameIdentityToken,
    "certificate": ua.X509IdentityToken,
}


def shift_clock(seconds):
    """Every time that the server tells of itself is off by so much."""
    import asyncua.server.internal_server
    import asyncua.ua.uaprotocol_auto

    class Shifted(datetime.datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.datetime.now(tz) + datetime.timedelta(seconds=seconds)

    asyncua.ua.uaprotocol_auto.datetime = Shifted
    asyncua.server.internal_server.datetime = Shifted


def key_at(path):
    if not path.exists():
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pem)
    return serialization.load_pem_private_key(path.read_bytes(), None)


def certificate(key, name, hosts, begin_s, end_s):
    now = datetime.datetime.now(datetime.timezone.utc)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    names = [x509.UniformResourceIdentifier(URI)]
    for host in hosts:
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
        except ValueError:
            names.append(x509.DNSName(host))
    usage = dict.fromkeys(
        ("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False
    ) | dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"), True)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(seconds=begin_s))
        .not_valid_after(now + datetime.timedelta(seconds=end_s))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.KeyUsage(**usage), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


class Users:
    def __init__(self, users, known):
        self.users = users
        self.known = known

    def get_user(self, iserver, username=None, password=None, certificate=None):
        if username is not None:
            password = password.decode() if isinstance(password, bytes) else password
            return User(role=UserRole.User) if self.users.get(username) == password else None
        if certificate is not None and getattr(iserver, "asks_for_certificates", False):
            return User(role=UserRole.User) if certificate == self.known else None
        return User(role=UserRole.User)


def users_of(setup):
    """For the server's constructor; a certificate of a user is made on the way."""
    folder = Path(setup["folder"])
    key = key_at(folder / "user-key.pem")
    if not (folder / "user.pem").exists():
        made = certificate(key, "A user", [], -3600, 86400)
        (folder / "user.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    known = x509.load_pem_x509_certificate((folder / "user.pem").read_bytes())
    if "client_key" in setup:
        key_at(Path(setup["client_key"]))
    return Users(setup.get("users", {}), known.public_bytes(serialization.Encoding.DER))


async def secure(server, setup):
    folder = Path(setup["folder"])
    key = key_at(folder / "server.pem")
    path = folder / "server.der"
    if not path.exists():
        span = (setup.get("from_s", -3600), setup.get("until_s", 86400))
        made = certificate(key, "Acceptance", setup.get("hosts", ["127.0.0.1"]), *span)
        path.write_bytes(made.public_bytes(serialization.Encoding.DER))
    await server.set_application_uri(URI)
    await server.load_certificate(str(path))
    await server.load_private_key(str(folder / "server.pem"))
    server.set_security_policy([getattr(ua.SecurityPolicyType, name) for name in setup.get("policies", POLICIES)])
    tokens = setup.get("tokens", list(TOKENS))
    server.set_identity_tokens([TOKENS[name] for name in tokens])
    server.iserver.asks_for_certificates = tokens == ["certificate"]
    if "trusted" in setup:
        # asyncua takes no empty folder.
        (Path(setup["trusted"]) / "server.der").write_bytes(path.read_bytes())
        store = truststore.TrustStore([Path(setup["trusted"])], [])
        await store.load()
        flags = validator.CertificateValidatorOptions
        server.set_certificate_validator(
            validator.CertificateValidator(flags.TRUSTED_VALIDATION | flags.PEER_CLIENT, store)
        )
