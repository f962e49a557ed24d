package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;

/// Which of two sessions that want one resource comes first; every node that knows the same
/// compares alike, so that two crossing requests never stop each other.
///
/// A session with a known valid partial signature first: its signer can release nothing any more.
/// Then requesters that did not lately win and leave the resource unsigned. Then the lower tagged
/// hash of group id and the requester's signing key, which nobody can choose anew for each request,
/// and last the lower session id, which only competes with the requester's own.
///
/// @param knownPartial whether a member has sent partial signatures of it: of an attempt in which
///   this node has not signed, so that it cannot verify them
/// @param penalized whether its requester ranks last for these resources
/// @param requesterHash 32 bytes
/// @param sessionId 32 bytes
record HoldRank(boolean knownPartial, boolean penalized, Bytes requesterHash, Bytes sessionId) {
    boolean isBefore(HoldRank other) {
        if (knownPartial != other.knownPartial) {
            return knownPartial;
        }
        if (penalized != other.penalized) {
            return other.penalized;
        }
        int byRequester = requesterHash.compareTo(other.requesterHash);
        return byRequester == 0 ? sessionId.compareTo(other.sessionId) < 0 : byRequester < 0;
    }
}
