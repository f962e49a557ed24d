package org.tutti.libp2p.swarm;

import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.util.List;
import java.util.stream.Collectors;

/// No address of a peer led to a connection: the environment failed, or the peer misbehaved. Code
/// `DIAL_FAILED`, or `NO_ADDRESS` if none was known.
public final class DialFailedException extends SwarmException {
    /// One address that was tried, and what happened.
    public record Attempt(Multiaddr address, Exception cause) {}

    private final transient PeerId peer;
    private final transient List<Attempt> attempts;

    /// @param attempts in the order in which they were made; empty if no address is known
    public DialFailedException(PeerId peer, List<Attempt> attempts) {
        super(
                attempts.isEmpty() ? "NO_ADDRESS" : "DIAL_FAILED",
                describe(peer, attempts),
                attempts.isEmpty() ? null : attempts.getLast().cause());
        this.peer = peer;
        this.attempts = List.copyOf(attempts);
    }

    public PeerId peer() {
        return peer;
    }

    /// What was tried, in order; empty if no address is known.
    public List<Attempt> attempts() {
        return attempts;
    }

    private static String describe(PeerId peer, List<Attempt> attempts) {
        if (attempts.isEmpty()) {
            return "no address known for " + peer;
        }
        return "cannot connect to "
                + peer
                + attempts.stream()
                        .map(DialFailedException::describe)
                        .collect(Collectors.joining("; ", ": ", ""));
    }

    /// Transports name the address themselves.
    private static String describe(Attempt attempt) {
        String message = String.valueOf(attempt.cause.getMessage());
        String address = attempt.address.toString();
        return message.startsWith(address) ? message : address + ": " + message;
    }
}
