package org.tutti.libp2p.mdns;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.multiaddr.Multiaddr;

import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Packets of strangers on the link: several in a row, each behind its length in two bytes. Nothing
/// leaves the engine but what it promises, and what is told is bounded by what came.
public final class MdnsFuzz {
    private static final PeerId ALICE =
            PeerId.parse("12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN");
    private static final PeerId BOB =
            PeerId.parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");
    private static final List<Multiaddr> OWN = List.of(Multiaddr.parse("/ip4/192.0.2.1/tcp/1"));

    private MdnsFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        MdnsEngine engine = new MdnsEngine(ALICE, "a".repeat(32));
        MdnsSource source = new MdnsSource(InetAddress.ofLiteral("192.0.2.2"), false);
        engine.start(OWN, 0);
        long now = 0;
        for (int at = 0; at + 2 <= input.length; ) {
            int length = (input[at] & 0xff) << 8 | (input[at + 1] & 0xff);
            int end = Math.min(input.length, at + 2 + length);
            byte[] packet = java.util.Arrays.copyOfRange(input, at + 2, end);
            require(engine.receive(packet, source, now).size() <= packet.length, "more than came");
            now += Duration.ofSeconds(1).toNanos();
            for (MdnsOutput output : engine.tick(OWN, now)) {
                if (output instanceof MdnsOutput.Send(Bytes sent)) {
                    require(sent.length() <= MdnsMessages.MAX_PACKET, "a packet that is too long");
                }
            }
            require(engine.nextTick().orElseThrow() - now > 0, "a tick that is due again");
            at = end;
        }
    }

    static List<byte[]> seeds() {
        List<byte[]> seeds = new ArrayList<>();
        List<Multiaddr> bobs = List.of(Multiaddr.parse("/ip4/192.0.2.2/tcp/1"));
        List<Bytes> hello = MdnsMessages.response("b".repeat(32), BOB, bobs, MdnsEngine.TTL);
        List<Bytes> goodbye = MdnsMessages.response("b".repeat(32), BOB, bobs, Duration.ZERO);
        seeds.add(framed(MdnsMessages.query()));
        seeds.add(framed(hello.getFirst()));
        seeds.add(
                Bytes.concat(
                                Bytes.wrap(framed(hello.getFirst())),
                                Bytes.wrap(framed(goodbye.getFirst())))
                        .toArray());
        return seeds;
    }

    private static byte[] framed(Bytes packet) {
        byte[] length = {(byte) (packet.length() >>> 8), (byte) packet.length()};
        return Bytes.concat(Bytes.wrap(length), packet).toArray();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
