package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class LinkChangesTest {
    private static final PeerId PEER = PeerId.ofEncodedKey(Bytes.wrap(new byte[36]));

    private final Set<PeerId> open = new HashSet<>();
    private final LinkChanges changes = new LinkChanges(open::contains);
    private final List<String> told = new ArrayList<>();
    private final LinkChanges.Told group =
            new LinkChanges.Told() {
                @Override
                public void linkOpened(PeerId peer) {
                    told.add("opened");
                }

                @Override
                public void linkClosed(PeerId peer) {
                    told.add("closed");
                }
            };

    @Test
    void whatHappensIsTold() {
        open.add(PEER);
        changes.opened(PEER, group);
        open.remove(PEER);
        changes.closed(PEER, group);
        assertThat(told).containsExactly("opened", "closed");
    }

    /// A peer leaves all groups and is in another at once: its first link ends when the second is
    /// open.
    @Test
    void theEndOfALinkThatAnotherHasFollowedIsNone() {
        open.add(PEER);
        changes.opened(PEER, group);
        changes.closed(PEER, group);
        assertThat(told).containsExactly("opened");
    }

    @Test
    void aLinkThatHasEndedByNowWasNotOpened() {
        changes.opened(PEER, group);
        changes.closed(PEER, group);
        assertThat(told).containsExactly("closed");
    }
}
