package org.tutti.examples;

import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PrivateKey;

import java.io.PrintStream;
import java.security.SecureRandom;

/// Makes an identity and prints its peer id.
public final class NewIdentity {
    private NewIdentity() {}

    public static void main(String[] args) {
        run(System.out);
    }

    static void run(PrintStream out) {
        PrivateKey key = Keys.generate(KeyType.ED25519, new SecureRandom());
        out.println(key.publicKey().peerId());
    }
}
