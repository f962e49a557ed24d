package org.tutti.node.keystore;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.musig.keys.SecretKey;

/// A node's two keys while it runs. Closing wipes the signing key.
///
/// @param identity names the node on the network, nothing else
/// @param signing the node's share of the group's key
/// @param network id of the one network that the signing key was made for
///   ([org.tutti.bitcoin.network.Network#id()])
public record NodeKeys(PrivateKey identity, SecretKey signing, Bytes network)
        implements AutoCloseable {
    @Override
    public void close() {
        signing.close();
    }

    @Override
    public String toString() {
        return "NodeKeys[redacted]";
    }
}
