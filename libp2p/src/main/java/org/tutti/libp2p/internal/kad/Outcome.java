package org.tutti.libp2p.internal.kad;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What an operation came to.
///
/// @param closest the peers nearest to the key that answered, the nearest first, at most k
/// @param peer of `FindPeer`: the peer, if it was reached at one of its addresses, or is connected
/// @param value of `Get`: the best valid value, if there is one
/// @param providers of `FindProviders`
/// @param named of `Survey`: of each of `closest` that named anybody, and of this node, whom
/// @param stored of `Put` and `Provide`: how many peers took it (of `Provide`: were told)
/// @param hops the length of the chain of referrals that led to the answer: 1 for an answer of a
///   peer that was known before, 0 if nobody was asked
/// @param messages requests sent, those that had no answer in time included
/// @param nanos from start to end
public record Outcome(
        List<Contact> closest,
        Optional<Contact> peer,
        Optional<Bytes> value,
        List<Contact> providers,
        Map<PeerId, List<PeerId>> named,
        int stored,
        int hops,
        int messages,
        long nanos) {}
