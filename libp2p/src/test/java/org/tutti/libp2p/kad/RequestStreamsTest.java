package org.tutti.libp2p.kad;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.behaviour.BehaviourContext;
import org.tutti.libp2p.host.MemoryHosts;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.swarm.Stream;
import org.tutti.libp2p.time.ManualClock;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// How many streams are kept for further requests, and for how long.
class RequestStreamsTest {
    private final ManualClock clock = new ManualClock();
    private final Set<Stream> ended = new HashSet<>();
    private final RequestStreams streams = new RequestStreams(context(), Kademlia.TUTTI);

    private BehaviourContext context() {
        return (BehaviourContext)
                Proxy.newProxyInstance(
                        BehaviourContext.class.getClassLoader(),
                        new Class<?>[] {BehaviourContext.class},
                        (_, method, arguments) ->
                                switch (method.getName()) {
                                    case "timer" -> clock;
                                    case "start" -> {
                                        ((Runnable) arguments[1]).run();
                                        yield null;
                                    }
                                    default -> throw new AssertionError(method);
                                });
    }

    @SuppressWarnings("ReferenceEquality") // A proxy equals itself alone.
    private Stream stream(PeerId peer) {
        return (Stream)
                Proxy.newProxyInstance(
                        Stream.class.getClassLoader(),
                        new Class<?>[] {Stream.class},
                        (self, method, arguments) ->
                                switch (method.getName()) {
                                    case "remotePeer" -> peer;
                                    case "close" -> {
                                        ended.add((Stream) self);
                                        yield null;
                                    }
                                    case "hashCode" -> System.identityHashCode(self);
                                    case "equals" -> self == arguments[0];
                                    default -> throw new AssertionError(method);
                                });
    }

    private static PeerId peer() {
        return MemoryHosts.key().publicKey().peerId();
    }

    /// @return given back, in order
    private List<Stream> giveBack(PeerId peer, int count) {
        List<Stream> all = IntStream.range(0, count).mapToObj(_ -> stream(peer)).toList();
        all.forEach(streams::giveBack);
        return all;
    }

    @Test
    void theLastOfAPeersIsTakenFirst() {
        PeerId peer = peer();
        List<Stream> given = giveBack(peer, 2);
        assertThat(streams.takeIdle(peer())).isNull();
        assertThat(streams.takeIdle(peer)).isSameAs(given.get(1));
        assertThat(streams.takeIdle(peer)).isSameAs(given.getFirst());
        assertThat(streams.takeIdle(peer)).isNull();
        assertThat(ended).isEmpty();
    }

    @Test
    void ofOnePeerAFewAreKept() {
        List<Stream> given = giveBack(peer(), RequestStreams.MAX_IDLE_PER_PEER + 1);
        assertThat(ended).containsExactly(given.getLast());
    }

    @Test
    void ofAllPeersNoMoreThanTheBoundAreKeptAndATakenOneMakesRoom() {
        List<PeerId> peers = new ArrayList<>();
        for (int i = 0; i < RequestStreams.MAX_IDLE; i++) {
            peers.add(peer());
            giveBack(peers.getLast(), 1);
        }
        assertThat(ended).isEmpty();
        List<Stream> more = giveBack(peer(), 1);
        assertThat(ended).containsExactlyElementsOf(more);
        assertThat(streams.takeIdle(peers.getFirst())).isNotNull();
        streams.forget(peers.get(1));
        giveBack(peer(), 2);
        assertThat(ended).containsExactlyElementsOf(more);
        giveBack(peer(), 1);
        assertThat(ended).hasSize(2);
    }

    @Test
    void anIdleOneEndsInTime() {
        PeerId peer = peer();
        List<Stream> old = giveBack(peer, 1);
        clock.advance(RequestStreams.IDLE.minusMillis(1));
        List<Stream> young = giveBack(peer, 1);
        assertThat(ended).isEmpty();
        clock.advance(RequestStreams.IDLE.minusMillis(1));
        assertThat(ended).containsExactlyElementsOf(old);
        clock.advance(RequestStreams.IDLE);
        assertThat(ended).contains(young.getFirst());
        assertThat(streams.takeIdle(peer)).isNull();
        // And again.
        List<Stream> later = giveBack(peer, 1);
        clock.advance(RequestStreams.IDLE);
        assertThat(ended).contains(later.getFirst());
    }

    @Test
    void atTheEndAllAreEndedAndNoneIsKept() {
        PeerId peer = peer();
        List<Stream> kept = giveBack(peer, 1);
        streams.close();
        assertThat(ended).containsExactlyElementsOf(kept);
        assertThat(streams.takeIdle(peer)).isNull();
        List<Stream> late = giveBack(peer, 1);
        assertThat(ended).contains(late.getFirst());
        assertThat(streams.takeIdle(peer)).isNull();
    }
}
