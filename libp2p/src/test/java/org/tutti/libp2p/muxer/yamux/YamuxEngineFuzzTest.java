package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.io.MemoryScope;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Random frames and wishes against the engine: whatever comes, its promises hold.
class YamuxEngineFuzzTest {
    private static final int[] LENGTHS = {0, 1, 100, 65_536, 262_144, 262_145, 1 << 24, -1};

    @Test
    void noFramesBreakTheBounds() {
        for (long seed = 0; seed < 3000; seed++) {
            try {
                run(new Random(seed));
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static void run(Random random) {
        YamuxConfig config = YamuxConfig.defaults();
        YamuxEngine engine = new YamuxEngine(random.nextBoolean(), config, unlimited(), 0);
        Map<Integer, Long> unread = new HashMap<>();
        List<Integer> open = new ArrayList<>();
        long now = 0;
        for (int step = 0; step < 300; step++) {
            now += random.nextInt(1 << random.nextInt(31));
            List<YamuxOutput> outputs = new ArrayList<>();
            int id = open.isEmpty() ? 1 : open.get(random.nextInt(open.size()));
            switch (random.nextInt(10)) {
                case 0 -> {
                    if (engine.canOpen() == YamuxEngine.Opening.NOW) {
                        open.add(engine.open(now));
                    }
                }
                case 1 -> {
                    long have = unread.getOrDefault(id, 0L);
                    int count = (int) (have * random.nextDouble());
                    unread.computeIfPresent(id, (k, v) -> v - count);
                    outputs.addAll(engine.consumed(id, count, now));
                }
                case 2 -> outputs.addAll(engine.closeWrite(id, now));
                case 3 -> engine.closeRead(id, now);
                case 4 -> outputs.addAll(engine.reset(id, "fuzz"));
                case 5 -> engine.accepted(id);
                case 6 -> outputs.addAll(engine.tick(now));
                default -> outputs.addAll(engine.receive(header(random, open), now));
            }
            int discarded = 0;
            for (YamuxOutput output : outputs) {
                switch (output) {
                    case YamuxOutput.Accept accept -> open.add(accept.streamId());
                    case YamuxOutput.Deliver deliver -> {
                        long sum =
                                unread.merge(
                                        deliver.streamId(), (long) deliver.length(), Long::sum);
                        assertThat(sum).isLessThanOrEqualTo(config.maxWindow());
                    }
                    case YamuxOutput.RemoteReset reset -> unread.remove(reset.streamId());
                    case YamuxOutput.LocalReset reset -> unread.remove(reset.streamId());
                    case YamuxOutput.Discard discard -> discarded += discard.length();
                    case YamuxOutput.Terminate ignored -> {
                        assertThat(outputs.getLast()).isEqualTo(output);
                        return;
                    }
                    case YamuxOutput.Send ignored -> {}
                    case YamuxOutput.RemoteEnd ignored -> {}
                    case YamuxOutput.Refused ignored -> {}
                    case YamuxOutput.Writable ignored -> {}
                    case YamuxOutput.Acknowledged ignored -> {}
                    case YamuxOutput.RoundTrip ignored -> {}
                }
            }
            assertThat(discarded).isBetween(0, config.maxWindow());
            assertThat(engine.streamCount()).isLessThanOrEqualTo(config.maxStreams());
            assertThat(engine.budgetUsed()).isBetween(0L, config.windowBudget());
        }
    }

    private static Header header(Random random, List<Integer> open) {
        int id =
                open.isEmpty() || random.nextInt(3) == 0
                        ? random.nextInt(40)
                        : open.get(random.nextInt(open.size()));
        int type = random.nextInt(20) == 0 ? random.nextInt(256) : random.nextInt(2);
        int flags = random.nextInt(40) == 0 ? random.nextInt(65_536) : random.nextInt(16);
        if (random.nextInt(8) != 0) {
            flags &= Header.SYN | Header.ACK;
        }
        return new Header(type, flags, id, LENGTHS[random.nextInt(LENGTHS.length)]);
    }

    @Test
    void headersSurviveTheWire() {
        Random random = new Random(1);
        byte[] wire = new byte[Header.SIZE + 3];
        for (int i = 0; i < 1000; i++) {
            Header header =
                    new Header(
                            random.nextInt(256),
                            random.nextInt(256),
                            random.nextInt(65_536),
                            random.nextInt(),
                            random.nextInt());
            header.encode(wire, 3);
            assertThat(Header.decode(wire, 3)).isEqualTo(header);
        }
    }

    private static ReceiveMemory unlimited() {
        return new ReceiveMemory(MemoryScope.unlimited());
    }
}
