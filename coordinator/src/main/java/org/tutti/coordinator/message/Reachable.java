package org.tutti.coordinator.message;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;
import java.util.Optional;

/// A statement that says how its key is reached through its author.
public sealed interface Reachable extends Statement permits Contact, Advert {
    /// The X25519 key (32 bytes) that requests are encrypted to while the author is away; without
    /// one nothing is left for it.
    Optional<Bytes> inboxKey();

    /// Where the author was reached when this was made, at most [Contact#MAX_ADDRESSES].
    List<Multiaddr> addresses();
}
