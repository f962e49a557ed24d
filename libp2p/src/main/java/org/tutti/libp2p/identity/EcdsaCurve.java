package org.tutti.libp2p.identity;

import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;

import java.util.Arrays;
import java.util.Optional;

/// The curves of ECDSA identities: those of go and js. rust knows P-256 only.
@SuppressWarnings("ImmutableEnumChecker") // BouncyCastle's are immutable, and do not say so
enum EcdsaCurve {
    P256(SECObjectIdentifiers.secp256r1),
    P384(SECObjectIdentifiers.secp384r1),
    P521(SECObjectIdentifiers.secp521r1);

    private final ASN1ObjectIdentifier oid;
    private final ECDomainParameters domain;

    EcdsaCurve(ASN1ObjectIdentifier oid) {
        X9ECParameters curve = CustomNamedCurves.getByOID(oid);
        this.oid = oid;
        this.domain =
                new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
    }

    ASN1ObjectIdentifier oid() {
        return oid;
    }

    ECDomainParameters domain() {
        return domain;
    }

    /// Bytes of a scalar: 32, 48 or 66.
    int scalarLength() {
        return (domain.getN().bitLength() + 7) / 8;
    }

    static Optional<EcdsaCurve> of(ASN1ObjectIdentifier oid) {
        return Arrays.stream(values()).filter(curve -> curve.oid.equals(oid)).findFirst();
    }

    static Optional<EcdsaCurve> withScalarOf(int length) {
        return Arrays.stream(values()).filter(curve -> curve.scalarLength() == length).findFirst();
    }
}
