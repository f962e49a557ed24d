package org.tutti.libp2p.muxer.yamux;

import org.tutti.libp2p.io.MemoryScope;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What a stranger sends on a muxed connection: frames one after the other, of which the first byte
/// of the input says to which side. Whatever comes, streams, windows and what is held stay within
/// the bounds, and no frame is answered with more than a few.
public final class YamuxFuzz {
    /// What one frame may make us send at most.
    private static final int MAX_ANSWERS = 2;

    private YamuxFuzz() {}

    /// Jazzer tries an input.
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        YamuxConfig config = YamuxConfig.defaults();
        YamuxEngine engine =
                new YamuxEngine(
                        input[0] % 2 == 0, config, new ReceiveMemory(MemoryScope.unlimited()), 0);
        Map<Integer, Long> unread = new HashMap<>();
        if (input[0] % 2 == 0) {
            engine.open(0);
        }
        int at = 1;
        long now = 0;
        while (at + Header.SIZE <= input.length) {
            Header header = Header.decode(input, at);
            byte[] again = new byte[Header.SIZE];
            header.encode(again, 0);
            require(Header.decode(again, 0).equals(header), "another header was written");
            at += Header.SIZE;
            now += 1_000_000;
            List<YamuxOutput> outputs = new ArrayList<>(engine.receive(header, now));
            require(outputs.size() <= 6, "more outputs than a frame can have");
            long payload = 0;
            int sent = 0;
            for (YamuxOutput output : outputs) {
                switch (output) {
                    case YamuxOutput.Accept accept -> {
                        if (accept.streamId() % 3 != 0) {
                            engine.accepted(accept.streamId());
                        }
                    }
                    case YamuxOutput.Deliver deliver -> {
                        payload += deliver.length();
                        long held =
                                unread.merge(
                                        deliver.streamId(), (long) deliver.length(), Long::sum);
                        require(held <= config.maxWindow(), "more held than a window");
                    }
                    case YamuxOutput.Discard discard -> payload += discard.length();
                    case YamuxOutput.RemoteReset reset -> unread.remove(reset.streamId());
                    case YamuxOutput.LocalReset reset -> unread.remove(reset.streamId());
                    case YamuxOutput.Send _ -> sent++;
                    case YamuxOutput.Terminate _ -> {
                        require(outputs.getLast().equals(output), "something after the end");
                        require(engine.receive(header, now).isEmpty(), "alive after the end");
                        return;
                    }
                    case YamuxOutput.RemoteEnd _,
                            YamuxOutput.Refused _,
                            YamuxOutput.Writable _,
                            YamuxOutput.Acknowledged _,
                            YamuxOutput.RoundTrip _ -> {}
                }
            }
            require(sent <= MAX_ANSWERS, "a frame was answered with many");
            require(
                    payload == (header.type() == Header.DATA ? header.length() : 0),
                    "payload that belongs to nobody");
            require(engine.streamCount() <= config.maxStreams(), "too many streams");
            require(engine.budgetUsed() <= config.windowBudget(), "too large windows");
            at += (int) Math.min(payload, input.length - at);
            read(engine, unread, header, now);
        }
    }

    /// The application reads half of what waits, of every second stream.
    private static void read(
            YamuxEngine engine, Map<Integer, Long> unread, Header header, long now) {
        Long held = unread.get(header.streamId());
        if (held != null && header.streamId() % 2 == 0) {
            engine.consumed(header.streamId(), (int) (held / 2), now);
            unread.put(header.streamId(), held - held / 2);
        }
    }

    static List<byte[]> seeds() {
        return List.of(
                conversation(
                        1,
                        new Header(Header.WINDOW_UPDATE, Header.SYN, 1, 0),
                        new Header(Header.DATA, 0, 1, 5),
                        new Header(Header.WINDOW_UPDATE, Header.FIN, 1, 0),
                        new Header(Header.DATA, Header.SYN, 3, 20),
                        new Header(Header.WINDOW_UPDATE, Header.RST, 3, 7)),
                conversation(
                        0,
                        new Header(Header.WINDOW_UPDATE, Header.ACK, 1, 262_144),
                        new Header(Header.DATA, 0, 1, 100),
                        new Header(Header.PING, Header.SYN, 0, 1),
                        new Header(Header.PING, Header.ACK, 0, 2),
                        new Header(Header.GO_AWAY, 0, 0, Header.NORMAL_TERMINATION)),
                conversation(
                        1,
                        new Header(Header.WINDOW_UPDATE, Header.SYN, 2, 0),
                        new Header(Header.DATA, 0, 9, 3),
                        new Header(Header.DATA, Header.SYN, 5, 262_145)));
    }

    private static byte[] conversation(int side, Header... headers) {
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        out.write(side);
        for (Header header : headers) {
            byte[] bytes = new byte[Header.SIZE];
            header.encode(bytes, 0);
            out.writeBytes(bytes);
            if (header.type() == Header.DATA) {
                out.writeBytes(new byte[Math.min(header.length(), 1_000)]);
            }
        }
        return out.toByteArray();
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }
}
