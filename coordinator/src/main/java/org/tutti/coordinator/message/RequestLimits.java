package org.tutti.coordinator.message;

import org.tutti.musig.keys.PublicKey;

import java.time.Duration;
import java.util.Optional;

/// The bounds of what a node keeps. Each has a test that exceeds it.
///
/// @param requests most requests that are not over; half of it for requesters with whom this node
///   has never joined
/// @param requestsPerRequester most of them of one requester's key
/// @param bytes most bytes of them, transactions included; half of it for one requester, and for
///   all with whom this node has never joined
/// @param contacts most keys whose contact is known, beside those of requests
/// @param over most requests that are remembered after they were over, until they expire
/// @param endings of how many of them it is kept what ended them
/// @param retryFirst how long after a failed session or exchange the next one begins; doubled
/// @param retryMost the longest of these pauses
/// @param linger how long raw messages stay after they were signed
/// @param sessions most sessions of one request that end without signatures
/// @param session how long a session may be under way, whatever is told of it: longer than its
///   request lives
/// @param clockSkew how far ahead of this node's clock a request may have been made
/// @param fullMeshSigners most signers of a request who are all connected to all; of more each is
///   connected to the elected one, who relays. Part of the protocol: all signers have to take the
///   same
public record RequestLimits(
        int requests,
        int requestsPerRequester,
        long bytes,
        int contacts,
        int over,
        int endings,
        Duration retryFirst,
        Duration retryMost,
        Duration linger,
        int sessions,
        Duration session,
        Duration clockSkew,
        int fullMeshSigners) {
    /// Most signers who are all connected to all.
    public static final int FULL_MESH_SIGNERS = 15;

    public static final RequestLimits DEFAULT =
            new RequestLimits(
                    1_024,
                    128,
                    64L << 20,
                    4_096,
                    65_536,
                    4_096,
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(30),
                    64,
                    Duration.ofMinutes(15),
                    Duration.ofMinutes(5),
                    FULL_MESH_SIGNERS);

    /// With [#FULL_MESH_SIGNERS].
    public RequestLimits(
            int requests,
            int requestsPerRequester,
            long bytes,
            int contacts,
            int over,
            int endings,
            Duration retryFirst,
            Duration retryMost,
            Duration linger,
            int sessions,
            Duration session,
            Duration clockSkew) {
        this(
                requests,
                requestsPerRequester,
                bytes,
                contacts,
                over,
                endings,
                retryFirst,
                retryMost,
                linger,
                sessions,
                session,
                clockSkew,
                FULL_MESH_SIGNERS);
    }

    /// As these, with another number of signers who are all connected to all: for tests.
    public RequestLimits withFullMesh(int signers) {
        return new RequestLimits(
                requests,
                requestsPerRequester,
                bytes,
                contacts,
                over,
                endings,
                retryFirst,
                retryMost,
                linger,
                sessions,
                session,
                clockSkew,
                signers);
    }

    /// The signer through whom the messages of a request's sessions go: the elected one, if there
    /// are too many for all to be connected to all. Everybody computes it from the request.
    public Optional<PublicKey> relay(Invitation request) {
        return request.keys().size() <= fullMeshSigners
                ? Optional.empty()
                : Optional.of(request.election().elect(request.id(), request.keys()));
    }
}
