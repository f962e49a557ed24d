package org.tutti.libp2p.requestresponse;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.behaviour.InboundProtocol;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.io.FrameException;
import org.tutti.libp2p.requestresponse.RequestException.Code;
import org.tutti.libp2p.swarm.DialOptions;
import org.tutti.libp2p.swarm.LimitExceededException;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.swarm.SwarmException;
import org.tutti.libp2p.time.Deadlines;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;

/// A protocol of requests and responses, each of them some bytes. Give it to
/// `HostBuilder.behaviour`, and ask with `request`.
///
/// ```java
/// RequestResponse square = RequestResponse.builder("/square/1.0.0")
///         .handler((peer, request) -> new byte[] {(byte) (request[0] * request[0])})
///         .build();
/// Host host = Host.builder().behaviour(square)…
/// byte[] nine = square.request(peer, new byte[] {3});
/// ```
///
/// A request takes a new stream on the connection that is open, or on a new one. Everything has a
/// bound: the lengths, the time of an exchange, and how many are on their way. Safe for all
/// threads.
public final class RequestResponse implements NetworkBehaviour {
    /// The host, and the deadlines of exchanges with its peers.
    private record Attachment(BehaviourContext context, Deadlines exchanges) {}

    private final String protocol;
    private final @Nullable RequestHandler handler;
    private final Framing framing;
    private final int maxRequest;
    private final int maxResponse;
    private final int maxPerPeer;
    private final int maxInbound;
    private final Duration timeout;
    private final PeerCount outbound;
    private final Semaphore inbound;
    private final Semaphore reserved;
    private final Predicate<? super PeerId> reservedFor;
    // Volatile: written once, when the host is built.
    private volatile @Nullable Attachment attachment;

    private RequestResponse(Builder builder) {
        protocol = builder.protocol;
        handler = builder.handler;
        framing = builder.framing;
        maxRequest = builder.maxRequest;
        maxResponse = builder.maxResponse;
        maxPerPeer = builder.maxPerPeer;
        timeout = builder.timeout;
        outbound = new PeerCount(maxPerPeer);
        maxInbound = builder.maxInbound;
        int kept = Math.min(builder.reserved, maxInbound);
        inbound = new Semaphore(maxInbound - kept);
        reserved = new Semaphore(kept);
        reservedFor = builder.reservedFor;
    }

    /// Begins with the default values, and answers nobody before it has a handler.
    ///
    /// @param protocol such as `/square/1.0.0`
    public static Builder builder(String protocol) {
        return new Builder(protocol);
    }

    @Override
    public List<InboundProtocol> protocols() {
        RequestHandler answers = handler;
        return answers == null
                ? List.of()
                : List.of(
                        new InboundProtocol(
                                protocol, maxPerPeer, stream -> answer(stream, answers)));
    }

    @Override
    public void attached(BehaviourContext context) {
        if (attachment != null) {
            throw new IllegalStateException(protocol + " belongs to a host already");
        }
        attachment = new Attachment(context, new Deadlines(context.timer(), timeout));
    }

    private Attachment attachment() {
        Attachment known = attachment;
        if (known == null) {
            throw new IllegalStateException(protocol + " belongs to no host yet");
        }
        return known;
    }

    /// Asks a peer, connecting first if need be, and waits for its response.
    ///
    /// @throws RequestException if it does not come, or not in time
    /// @throws SwarmException if there is no connection, or the peer does not support the protocol
    /// @throws IllegalArgumentException if the request is longer than `maxRequest`
    public byte[] request(PeerId peer, byte[] request) throws IOException {
        return request(peer, DialOptions.defaults(), request);
    }

    /// As the other `request`, on a connection that is found or made as the options say.
    public byte[] request(PeerId peer, DialOptions options, byte[] request) throws IOException {
        if (request.length > maxRequest) {
            throw new IllegalArgumentException(
                    "a request of " + request.length + " bytes, at most " + maxRequest);
        }
        if (!outbound.acquire(peer)) {
            throw new RequestException(
                    Code.TOO_MANY_REQUESTS,
                    maxPerPeer + " requests to " + peer + " are on their way",
                    null);
        }
        try {
            return exchange(open(peer, options), request);
        } finally {
            outbound.release(peer);
        }
    }

    private Stream open(PeerId peer, DialOptions options) throws IOException {
        try {
            return attachment().context.openStream(peer, options, protocol);
        } catch (IOException e) {
            // Reset while its protocol was agreed on, for one.
            throw meaning(e, peer);
        }
    }

    private byte[] exchange(Stream stream, byte[] request) throws IOException {
        Deadlines.Deadline deadline = attachment().exchanges.start(stream::reset);
        boolean done = false;
        try {
            framing.write(stream, request);
            byte[] response = framing.read(stream, maxResponse);
            done = true;
            return response;
        } catch (IOException e) {
            throw meaning(e, stream, deadline.cancel());
        } finally {
            deadline.cancel();
            if (done) {
                stream.close();
            } else {
                stream.reset();
            }
        }
    }

    /// @param inTime whether the deadline had not passed
    private IOException meaning(IOException e, Stream stream, boolean inTime) {
        if (!inTime) {
            return new RequestException(
                    Code.TIMEOUT, stream.remotePeer() + " did not respond within " + timeout, e);
        }
        return meaning(e, stream.remotePeer());
    }

    private static IOException meaning(IOException e, PeerId peer) {
        return switch (e) {
            // It was refused at the first read, where the negotiation travelled with the request.
            case SwarmException refused -> refused;
            case FrameException bad ->
                    new RequestException(
                            Code.BAD_MESSAGE, peer + " responded with a " + bad.getMessage(), bad);
            case SocketTimeoutException late -> late;
            case InterruptedIOException interrupted -> interrupted;
            default ->
                    new RequestException(
                            Code.NO_RESPONSE, peer + " gave no response: " + e.getMessage(), e);
        };
    }

    private void answer(Stream stream, RequestHandler answers) throws IOException {
        @Nullable Semaphore place = place(stream.remotePeer());
        if (place == null) {
            // The host counts it as a refused stream.
            throw new LimitExceededException("maxInbound", maxInbound);
        }
        Deadlines.Deadline deadline = attachment().exchanges.start(stream::reset);
        try {
            byte[] request = framing.read(stream, maxRequest);
            byte[] response = answers.respond(stream.remotePeer(), request);
            if (response.length > maxResponse) {
                throw new IllegalStateException(
                        "a response of " + response.length + " bytes, at most " + maxResponse);
            }
            framing.write(stream, response);
        } finally {
            deadline.cancel();
            place.release();
        }
    }

    /// @return what has a place for another request of this peer, which is taken
    private @Nullable Semaphore place(PeerId peer) {
        if (inbound.tryAcquire()) {
            return inbound;
        }
        return reservedFor.test(peer) && reserved.tryAcquire() ? reserved : null;
    }

    @Override
    public String toString() {
        return protocol;
    }

    /// Collects values; what is not set keeps its default.
    public static final class Builder {
        private final String protocol;
        private @Nullable RequestHandler handler;
        private Framing framing = Framing.LENGTH_PREFIXED;
        private int maxRequest = 1024 * 1024;
        private int maxResponse = 10 * 1024 * 1024;
        private int maxPerPeer = 16;
        private int maxInbound = 256;
        private int reserved;
        private Predicate<? super PeerId> reservedFor = _ -> false;
        private Duration timeout = Duration.ofSeconds(10);

        private Builder(String protocol) {
            this.protocol = protocol;
        }

        /// Who answers. Without it, the host only asks.
        public Builder handler(RequestHandler value) {
            handler = value;
            return this;
        }

        /// How messages stand on the stream; `LENGTH_PREFIXED` unless this is called.
        public Builder framing(Framing value) {
            framing = value;
            return this;
        }

        /// Bytes of a request, without its length: 1 MiB unless this is called, as in rust-libp2p.
        public Builder maxRequest(int value) {
            maxRequest = notNegative(value, "maxRequest");
            return this;
        }

        /// Bytes of a response, without its length: 10 MiB unless this is called, as in
        /// rust-libp2p.
        public Builder maxResponse(int value) {
            maxResponse = notNegative(value, "maxResponse");
            return this;
        }

        /// Requests on their way to one peer, and as many of one peer to us: 16 unless this is
        /// called. One more of ours fails, one more of the peer's is reset.
        public Builder maxPerPeer(int value) {
            maxPerPeer = positive(value, "maxPerPeer");
            return this;
        }

        /// Requests of all peers together that are read and answered at once: 256 unless this is
        /// called. One more is reset.
        public Builder maxInbound(int value) {
            maxInbound = positive(value, "maxInbound");
            return this;
        }

        /// So many of `maxInbound` are for these peers alone, whatever others ask: none unless this
        /// is called. The predicate is asked on many threads and must return at once.
        public Builder reserve(int places, Predicate<? super PeerId> peers) {
            reserved = notNegative(places, "places");
            reservedFor = peers;
            return this;
        }

        /// From the open stream to the whole response; 10 s unless this is called, as in
        /// rust-libp2p. The side that answers has as long to read, answer and write.
        public Builder timeout(Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException("timeout must be positive");
            }
            timeout = value;
            return this;
        }

        private static int positive(int value, String name) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be at least 1");
            }
            return value;
        }

        private static int notNegative(int value, String name) {
            if (value < 0) {
                throw new IllegalArgumentException(name + " cannot be negative");
            }
            return value;
        }

        public RequestResponse build() {
            return new RequestResponse(this);
        }
    }
}
