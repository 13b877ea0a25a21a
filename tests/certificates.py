"""Certificates that nobody else knows: an authority of the tests' own and what it signs."""

import ipaddress
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Signs for any name; whoever trusts the file `certificate` trusts what it signs."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    certificate: Path

    def server(self, *names: str, expired: bool = False) -> ssl.SSLContext:
        """TLS for a server of these host names and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        now = datetime.now(UTC)
        signed = (
            _builder(_name(names[0]), self.name, key)
            .not_valid_before(now - timedelta(days=9))
            .not_valid_after(now + timedelta(days=-1 if expired else 9))
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        pem = self.file_of(names[0], expired=expired)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        pem.write_bytes(secret + signed.public_bytes(serialization.Encoding.PEM))
        return server_context(pem)

    def file_of(self, name: str, *, expired: bool = False) -> Path:
        """Where key and certificate of the server lie whose first name this is."""
        return self.certificate.with_name(f"{name}-{'expired' if expired else 'good'}.pem")


def server_context(pem: Path) -> ssl.SSLContext:
    """TLS for a server that has this key and certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def make_authority(folder: Path) -> Authority:
    """A new authority whose certificate lies in the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name("authority of the tests")
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    own = (
        _builder(name, name, key)
        .not_valid_before(now - timedelta(days=9))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate = folder / "authority.pem"
    certificate.write_bytes(own.public_bytes(serialization.Encoding.PEM))
    return Authority(key=key, name=name, certificate=certificate)


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
    )


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
