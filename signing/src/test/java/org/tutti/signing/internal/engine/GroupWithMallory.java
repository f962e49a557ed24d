package org.tutti.signing.internal.engine;

import org.junit.jupiter.api.AfterEach;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.session.DropReason;

/// A simulated group of three, one of whom is malicious.
abstract class GroupWithMallory {
    final SimGroup sim;
    final SimNode alice;
    final SimNode bob;
    final SimNode mallory;

    /// @param seed of the order of events
    GroupWithMallory(long seed) {
        sim = new SimGroup(3, seed);
        alice = sim.node(0);
        bob = sim.node(1);
        mallory = sim.node(2);
    }

    @AfterEach
    void close() {
        sim.close();
    }

    /// The reason for which a frame is rejected.
    DropReason rejected(Bytes frame) {
        try {
            sim.envelopeVerifier.verify(frame);
        } catch (WireException e) {
            return e.reason();
        }
        throw new AssertionError("it was accepted");
    }
}
