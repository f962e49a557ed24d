package org.tutti.libp2p.identity;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyFormatException.Code;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;

/// Keys in X.509 SubjectPublicKeyInfo form, parsed and used by the JDK.
final class Pkix {
    private Pkix() {}

    static PublicKey parse(String algorithm, Bytes der) throws KeyFormatException {
        try {
            PublicKey key =
                    KeyFactory.getInstance(algorithm)
                            .generatePublic(new X509EncodedKeySpec(der.toArray()));
            // Another encoding of the same key would be another peer id.
            if (!Arrays.equals(key.getEncoded(), der.toArray())) {
                throw new KeyFormatException(
                        Code.ENCODING, algorithm + " key is not in its one DER form");
            }
            return key;
        } catch (GeneralSecurityException | RuntimeException e) {
            throw new KeyFormatException(Code.INVALID, "not an " + algorithm + " key in PKIX form");
        }
    }

    static boolean verify(String algorithm, PublicKey key, byte[] message, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(key);
            verifier.update(message);
            return verifier.verify(signature);
        } catch (GeneralSecurityException | RuntimeException e) {
            // The JDK throws on signatures that are not well formed: they are simply not valid.
            return false;
        }
    }
}
