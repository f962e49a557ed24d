package org.tutti.libp2p.internal.multistream;

import org.tutti.base.Bytes;
import org.tutti.libp2p.multistream.NegotiationException;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// What strangers say in a negotiation: agreement on something that we have, or a typed refusal,
/// and the same however the bytes are cut. We answer with a few bytes to each of theirs.
public final class NegotiationFuzz {
    /// What can be tried.
    enum Target {
        DIALER,
        LISTENER
    }

    private static final List<String> OURS = List.of("/first/1.0.0", "/second/1.0.0");

    private static Target target = Target.DIALER;

    private NegotiationFuzz() {}

    /// Jazzer says which target is meant.
    public static void fuzzerInitialize(String[] args) {
        target = Target.valueOf(args[0]);
    }

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        test(target, input);
    }

    /// How a negotiation ended.
    ///
    /// @param protocol that both agreed on; empty if there was no end, or a refusal
    /// @param rest what came behind the agreement
    /// @param refused the code
    private record End(String protocol, Bytes rest, String refused, Bytes sent) {}

    static void test(Target what, byte[] input) {
        End whole = run(what, input, List.of(input.length));
        End bytewise = run(what, input, java.util.Collections.nCopies(input.length, 1));
        SplittableRandom random = new SplittableRandom(java.util.Arrays.hashCode(input));
        List<Integer> cuts = new ArrayList<>();
        for (int left = input.length; left > 0; left -= cuts.getLast()) {
            cuts.add(1 + random.nextInt(left));
        }
        End pieces = run(what, input, cuts);
        for (End end : List.of(whole, pieces)) {
            // An answer that comes before its proposal is an error, and bytewise none does.
            boolean early = what == Target.DIALER && end.refused.equals("MALFORMED");
            require(early || end.protocol.equals(bytewise.protocol), "another protocol");
            require(early || end.refused.equals(bytewise.refused), "another end");
            require(early || end.rest.equals(bytewise.rest), "another rest");
        }
        for (End end : List.of(whole, bytewise, pieces)) {
            require(
                    end.protocol.isEmpty() || OURS.contains(end.protocol),
                    "a protocol that we do not have");
            // A message has at least two bytes, and gets at most three and its own.
            require(end.sent.length() <= 64 + 3 * input.length, "more answers than questions");
        }
    }

    private static End run(Target what, byte[] input, List<Integer> cuts) {
        Negotiation negotiation =
                switch (what) {
                    case DIALER -> Negotiation.dialer(OURS);
                    case LISTENER -> Negotiation.listener(OURS::contains);
                };
        Bytes sent = negotiation.start();
        int at = 0;
        try {
            for (int cut : cuts) {
                Step step = negotiation.receive(input, at, cut);
                at += cut;
                sent = Bytes.concat(sent, step.send());
                if (step instanceof Step.Agreed(Bytes _, String protocol, Bytes ahead)) {
                    Bytes behind = Bytes.of(input, at, input.length);
                    return new End(protocol, Bytes.concat(ahead, behind), "", sent);
                }
            }
            return new End("", Bytes.EMPTY, "", sent);
        } catch (NegotiationException e) {
            return new End("", Bytes.EMPTY, e.code().name(), sent);
        }
    }

    static List<byte[]> seeds(Target what) {
        return switch (what) {
            case DIALER ->
                    List.of(
                            Messages.encode(Messages.HEADER, OURS.getFirst()),
                            Messages.encode(Messages.HEADER, "na", OURS.getLast()),
                            Messages.encode(Messages.HEADER, "na", "na"));
            case LISTENER ->
                    List.of(
                            Messages.encode(Messages.HEADER, OURS.getFirst(), "more"),
                            Messages.encode(Messages.HEADER, "ls", "/other", OURS.getLast()),
                            Messages.encode(Messages.HEADER, "x".repeat(1_000)));
        };
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
