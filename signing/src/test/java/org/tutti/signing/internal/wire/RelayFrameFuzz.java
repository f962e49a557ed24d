package org.tutti.signing.internal.wire;

import org.tutti.base.Bytes;

import java.util.List;
import java.util.OptionalInt;

/// What a relay, or a member of its group, writes beside envelopes: only a typed refusal leaves the
/// reader, what was read is written again as the same, and nothing is larger than it needs to be.
public final class RelayFrameFuzz {
    private static final Bytes GROUP = Bytes.fromHex("9a".repeat(32));

    private RelayFrameFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        Bytes frame = Bytes.of(input);
        if (!RelayFrame.isOne(frame)) {
            return;
        }
        try {
            RelayFrame read = RelayFrame.decode(frame);
            require(RelayFrame.decode(read.encode()).equals(read), "another frame was written");
            require(read.group().length() == 32, "of no group");
            switch (read) {
                case RelayFrame.Forward forward -> requireShort(frame, forward.envelope());
                case RelayFrame.Relayed relayed -> requireShort(frame, relayed.envelope());
                case RelayFrame.Reachable reachable ->
                        require(
                                reachable.opened().size() <= RelayFrame.MAX_LISTED
                                        && reachable.closed().size() <= RelayFrame.MAX_LISTED,
                                "a list without end");
            }
        } catch (WireException _) {
            // Typed: that is the point.
        }
    }

    private static void requireShort(Bytes frame, Bytes envelope) {
        require(frame.length() <= envelope.length() + RelayFrame.OVERHEAD, "padded");
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError(what);
        }
    }

    static List<byte[]> seeds() {
        Bytes envelope = new GroupFixture(2, 3).hello(1).envelope();
        return List.of(
                new RelayFrame.Forward(GROUP, OptionalInt.empty(), false, envelope)
                        .encode()
                        .toArray(),
                new RelayFrame.Forward(GROUP, OptionalInt.of(3), true, envelope).encode().toArray(),
                new RelayFrame.Relayed(GROUP, 16, envelope).encode().toArray(),
                new RelayFrame.Reachable(GROUP, true, List.of(0, 3, 300), List.of())
                        .encode()
                        .toArray(),
                new RelayFrame.Reachable(GROUP, false, List.of(), List.of(1)).encode().toArray());
    }
}
