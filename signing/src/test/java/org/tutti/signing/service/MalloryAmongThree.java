package org.tutti.signing.service;

import org.junit.jupiter.api.AfterEach;
import org.tutti.base.Bytes;
import org.tutti.signing.wire.DropReason;
import org.tutti.signing.wire.WireException;

/// A simulated group of three, one of whom means harm.
abstract class MalloryAmongThree {
    final SimGroup sim;
    final SimNode alice;
    final SimNode bob;
    final SimNode mallory;

    /// @param seed of the order of events
    MalloryAmongThree(long seed) {
        sim = new SimGroup(3, seed);
        alice = sim.node(0);
        bob = sim.node(1);
        mallory = sim.node(2);
    }

    @AfterEach
    void close() {
        sim.close();
    }

    /// Why a frame is not taken.
    DropReason rejected(Bytes frame) {
        try {
            sim.opener.open(frame);
        } catch (WireException e) {
            return e.reason();
        }
        throw new AssertionError("it was accepted");
    }
}
