"""A certificate authority of this installation and a server certificate signed by it (`scripts/up --tls`).

Browsers give the microphone only to https or localhost: a seat on another PC needs this, or a certificate of one's own.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 3650
SERVER_DAYS = 397  # browsers refuse longer ones
RENEW_DAYS = 30


class Files(NamedTuple):
    """`authority` is what a seat's browser must be told to trust; `key` is readable by its owner only."""

    authority: Path
    certificate: Path
    key: Path


def served_names(hosts: Iterable[str]) -> list[str]:
    """Every name and address under which this machine may be called: its own, and the allowed `hosts`.

    A host beginning with a dot stands for the names below it, as in Django; `*` names nothing.
    """
    names = {"localhost", "127.0.0.1", "::1", socket.gethostname()}
    names |= {f"*{host}" if host.startswith(".") else host.strip("[]") for host in hosts if host not in ("*", "")}
    with suppress(OSError):  # a host name that resolves to nothing: the fixed names remain
        names |= {str(row[4][0]) for row in socket.getaddrinfo(socket.gethostname(), None)}
    return sorted(name.split("%")[0] for name in names)


def ensure(folder: Path, names: list[str]) -> Files:
    """The files in `folder`, made or renewed when missing, near their end, or made for other names."""
    files = Files(folder / "ca.crt", folder / "server.crt", folder / "server.key")
    folder.mkdir(parents=True, exist_ok=True)
    if not files.authority.exists() or not (folder / "ca.key").exists():
        _make_authority(folder)
    if not _serves(files, names):
        _make_server(folder, files, names)
    return files


def _serves(files: Files, names: list[str]) -> bool:
    if not (files.certificate.exists() and files.key.exists()):
        return False
    certificate = x509.load_pem_x509_certificate(files.certificate.read_bytes())
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    enough = certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=RENEW_DAYS)
    return enough and certificate.issuer == authority.subject and set(alternatives) == set(_alternatives(names))


def _alternatives(names: list[str]) -> list[x509.GeneralName]:
    found: list[x509.GeneralName] = []
    for name in names:
        try:
            found.append(x509.IPAddress(ipaddress.ip_address(name)))
        except ValueError:
            found.append(x509.DNSName(name))
    return found


def _write(path: Path, content: bytes, *, private: bool) -> None:
    draft = path.with_suffix(path.suffix + ".new")
    mode = 0o600 if private else 0o644
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    draft.replace(path)


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _builder(subject: str, days: int, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=days))
    )


def _make_authority(folder: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    # the serial in the name keeps two generations of authorities apart in a browser's store
    subject = f"Hotline local authority {x509.random_serial_number() % 10**8:08d}"
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    certificate = (
        _builder(subject, AUTHORITY_DAYS, key)
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(folder / "ca.key", _private(key), private=True)
    _write(folder / "ca.crt", certificate.public_bytes(serialization.Encoding.PEM), private=False)


def _make_server(folder: Path, files: Files, names: list[str]) -> None:
    authority = x509.load_pem_x509_certificate(files.authority.read_bytes())
    signer = serialization.load_pem_private_key((folder / "ca.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    public = signer.public_key()
    certificate = (
        _builder(names[0], SERVER_DAYS, key)
        .issuer_name(authority.subject)
        .add_extension(x509.SubjectAlternativeName(_alternatives(names)), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(public), critical=False)
        .sign(signer, hashes.SHA256())
    )
    _write(files.key, _private(key), private=True)
    chain = certificate.public_bytes(serialization.Encoding.PEM) + files.authority.read_bytes()
    _write(files.certificate, chain, private=False)
