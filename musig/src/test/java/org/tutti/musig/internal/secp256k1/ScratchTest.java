package org.tutti.musig.internal.secp256k1;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.util.List;

class ScratchTest {
    private final ScratchPool pool = new ScratchPool();

    @Test
    void whatIsGivenBackIsTakenAgain() {
        pool.fill();
        pool.assertFull();
        Scratch.take();
        pool.assertLacksOne();
    }

    @Test
    void moreThanThePoolHoldsAreLeftToTheCollector() {
        pool.fill();
        Scratch more = pool.another();
        more.giveBack();
        pool.assertFull();
    }

    @Test
    void itsPlacesDoNotOverlapAndAreAligned() {
        Scratch s = Scratch.take();
        List<MemorySegment> places =
                List.of(
                        s.publicKey,
                        s.xOnlyKey,
                        s.keyAggCache,
                        s.session,
                        s.aggregateNonce,
                        s.publicNonce,
                        s.partialSignature,
                        s.bytes32,
                        s.more32,
                        s.bytes66,
                        s.length,
                        s.extraParams,
                        s.pointers,
                        s.elements,
                        s.message);
        long end = 0;
        for (MemorySegment place : places) {
            assertThat(place.address() % 8).isZero();
            assertThat(place.address()).isGreaterThanOrEqualTo(end);
            end = place.address() + place.byteSize();
        }
        s.giveBack();
    }
}
