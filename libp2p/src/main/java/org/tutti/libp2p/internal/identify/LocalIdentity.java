package org.tutti.libp2p.internal.identify;

import org.tutti.libp2p.identity.PrivateKey;

import java.time.InstantSource;

/// What is fixed in what we say about ourselves.
///
/// @param key signs the peer record
/// @param protocolVersion such as `ipfs/0.1.0`
/// @param agentVersion such as `tutti/0.1.0`
/// @param clock gives the number of the peer record: newer records have higher ones
public record LocalIdentity(
        PrivateKey key, String protocolVersion, String agentVersion, InstantSource clock) {}
