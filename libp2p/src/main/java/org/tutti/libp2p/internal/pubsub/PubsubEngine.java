package org.tutti.libp2p.internal.pubsub;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.pubsub.Message;
import org.tutti.libp2p.pubsub.ValidationResult;

import java.util.List;
import java.util.Set;

/// The rules of one protocol of publish/subscribe as a pure state machine: what happens goes in
/// with the time, what is to be done comes out. It owns no socket, thread, clock or randomness, and
/// is for one thread at a time.
///
/// Times are nanoseconds since some fixed moment, and never go back.
///
/// A message of a peer goes through three inputs: `received` answers with `Verify` for each message
/// that is new, `verified` with `Validate` where the signature is good, `validated` with `Deliver`
/// and `Send` where the validators accept it. Between them other inputs may come.
public interface PubsubEngine {
    /// The protocols that it speaks, best first.
    List<String> protocols();

    /// A peer is connected: once, however many connections there are to it.
    ///
    /// @param outbound whether we dialled
    /// @param address of the peer without port, such as `192.0.2.1`; null where it has none
    List<PubsubOutput> connected(PeerId peer, boolean outbound, @Nullable String address, long now);

    /// Our stream to a connected peer is open: it can be sent to.
    ///
    /// @param protocol one of `protocols`
    List<PubsubOutput> streamOpened(PeerId peer, String protocol, long now);

    /// Our stream to the peer has ended, and with it all that was agreed on.
    List<PubsubOutput> streamClosed(PeerId peer, long now);

    /// The last connection to the peer has ended.
    List<PubsubOutput> disconnected(PeerId peer, long now);

    /// An RPC of a connected peer. Of one that is not connected it is ignored.
    List<PubsubOutput> received(PeerId peer, Rpc rpc, long now);

    /// What a peer sent was no RPC.
    List<PubsubOutput> malformed(PeerId peer, String code, long now);

    /// What the check of signature and fields says.
    List<PubsubOutput> verified(
            PeerId from, Bytes id, Message message, Verification result, long now);

    /// What the validators said.
    List<PubsubOutput> validated(Bytes id, ValidationResult result, long now);

    /// This host subscribes to a topic; nothing where it is subscribed already.
    List<PubsubOutput> subscribe(String topic, long now);

    /// This host ends its subscription.
    List<PubsubOutput> unsubscribe(String topic, long now);

    /// This host publishes a message. Nothing comes out where it has been published before.
    List<PubsubOutput> publish(Bytes id, Message message, long now);

    /// A regular beat, `heartbeatNanos` apart.
    List<PubsubOutput> heartbeat(long now);

    /// How far heartbeats are apart.
    long heartbeatNanos();

    /// The peers that are subscribed to a topic and that a stream is open to: those that can be
    /// sent to.
    Set<PeerId> peers(String topic);
}
