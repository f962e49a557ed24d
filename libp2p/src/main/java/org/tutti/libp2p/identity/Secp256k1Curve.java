package org.tutti.libp2p.identity;

import org.bouncycastle.asn1.x9.X9ECParameters;
import org.bouncycastle.crypto.ec.CustomNamedCurves;
import org.bouncycastle.crypto.params.ECDomainParameters;

import java.math.BigInteger;

/// Bitcoin's curve, with BouncyCastle's specialised field arithmetic.
final class Secp256k1Curve {
    static final ECDomainParameters DOMAIN = domain();
    static final BigInteger HALF_ORDER = DOMAIN.getN().shiftRight(1);

    private Secp256k1Curve() {}

    private static ECDomainParameters domain() {
        X9ECParameters curve = CustomNamedCurves.getByName("secp256k1");
        return new ECDomainParameters(curve.getCurve(), curve.getG(), curve.getN(), curve.getH());
    }
}
