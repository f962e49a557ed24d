package org.tutti.lightclient.internal.peers;

import org.tutti.lightclient.connection.DisconnectReason;
import org.tutti.lightclient.wire.P2pMessage;

/// What an engine wants done with a peer.
public sealed interface PeerOutput {
    /// The peer's number, never used again once its connection is gone.
    long peer();

    /// Queue this message.
    record Send(long peer, P2pMessage message) implements PeerOutput {}

    /// Close the connection, for this reason.
    record Disconnect(long peer, DisconnectReason reason) implements PeerOutput {}
}
