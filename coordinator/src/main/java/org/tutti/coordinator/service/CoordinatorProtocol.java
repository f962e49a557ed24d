package org.tutti.coordinator.service;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.behaviour.NetworkBehaviour;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.requestresponse.RequestHandler;
import org.tutti.libp2p.requestresponse.RequestResponse;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;

/// The streams of coordinating signers: `/tutti/coordinator/1.0.0`, one question and its answer on
/// each. Give [#behaviour] to `HostBuilder.behaviour`, and this to the [CoordinatorBuilder]; until
/// then nobody is answered.
public final class CoordinatorProtocol {
    /// The protocol of the streams.
    public static final String ID = "/tutti/coordinator/1.0.0";

    /// A request, its transaction, and what a thousand signers have said.
    static final int MAX_QUESTION = 2 << 20;

    /// What an inbox gives at once.
    static final int MAX_ANSWER = 8 << 20;

    private static final int MAX_PER_PEER = 8;
    private static final int MAX_INBOUND = 64;
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /// How many of the streams are for signers of requests that this node has joined: strangers
    /// hold the others for as long as an exchange may take, and open them again.
    private static final int RESERVED = MAX_INBOUND / 4;

    private final AtomicReference<@Nullable RequestHandler> handler = new AtomicReference<>();
    private volatile Predicate<PeerId> known = _ -> false; // written by use, read by streams
    private final RequestResponse exchange =
            RequestResponse.builder(ID)
                    .handler(this::answer)
                    .maxRequest(MAX_QUESTION)
                    .maxResponse(MAX_ANSWER)
                    .maxPerPeer(MAX_PER_PEER)
                    .maxInbound(MAX_INBOUND)
                    .reserve(RESERVED, peer -> known.test(peer))
                    .timeout(TIMEOUT)
                    .build();

    /// For the host.
    public NetworkBehaviour behaviour() {
        return exchange;
    }

    private byte[] answer(PeerId peer, byte[] question) throws IOException {
        RequestHandler now = handler.get();
        if (now == null) {
            throw new IOException("nothing is coordinated here yet");
        }
        return now.respond(peer, question);
    }

    /// @param signers for whom streams are kept
    void use(RequestHandler value, Predicate<PeerId> signers) {
        known = signers;
        handler.set(value);
    }

    void stop() {
        handler.set(null);
    }

    byte[] ask(PeerId peer, byte[] question) throws IOException {
        return exchange.request(peer, question);
    }

    @Override
    public String toString() {
        return ID;
    }
}
