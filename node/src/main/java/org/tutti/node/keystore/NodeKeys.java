package org.tutti.node.keystore;

import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.SecretKey;

/// A node's two keys while it runs. Closing wipes the signing key.
///
/// @param identity names the node on the network, nothing else
/// @param signing the node's share of the group's key
public record NodeKeys(PrivateKey identity, SecretKey signing) implements AutoCloseable {
    @Override
    public void close() {
        signing.close();
    }

    @Override
    public String toString() {
        return "NodeKeys[redacted]";
    }
}
