package org.tutti.signing.service;

import org.tutti.libp2p.identity.PeerId;

import java.util.function.Predicate;

/// Tells groups how links to peers change. The end of a link may be told after another has followed
/// it, by another thread: so what counts is how it is when it is told. Each change is told after it
/// was made, and one is told at a time, so that the last one told knows best.
///
/// Safe for all threads. Whom it tells must not wait, nor call back.
final class LinkChanges {
    /// Who is told.
    interface Told {
        /// A stream to the peer was opened.
        void linkOpened(PeerId peer);

        /// No stream to the peer is open.
        void linkClosed(PeerId peer);
    }

    private final Predicate<PeerId> isOpen;

    /// @param isOpen whether a stream to the peer is open now
    LinkChanges(Predicate<PeerId> isOpen) {
        this.isOpen = isOpen;
    }

    synchronized void opened(PeerId peer, Told told) {
        if (isOpen.test(peer)) {
            told.linkOpened(peer);
        }
    }

    synchronized void closed(PeerId peer, Told told) {
        if (!isOpen.test(peer)) {
            told.linkClosed(peer);
        }
    }
}
