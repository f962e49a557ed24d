package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.muxer.MuxerException.Code;

import java.util.List;
import java.util.Objects;

/// Mallory dials, alice listens: frames that bring alice's application nothing.
class UselessFramesTest {
    private static final long SECOND = 1_000_000_000L;

    private final YamuxConfig config = YamuxConfig.defaults();
    private final YamuxEngine engine = new YamuxEngine(false, config, unlimited(), 0);

    /// One kind of flood: what mallory sends the `i`th time, after `SYN` on stream 1.
    enum Flood {
        OPEN_AND_RESET {
            @Override
            Header frame(int i) {
                int id = 3 + 2 * (i / 2);
                return i % 2 == 0
                        ? new Header(Header.WINDOW_UPDATE, Header.SYN, id, 0)
                        : new Header(Header.WINDOW_UPDATE, Header.RST, id, 0);
            }
        },
        DATA_FOR_ENDED_STREAMS {
            @Override
            Header frame(int i) {
                return new Header(Header.DATA, 0, 9, 1);
            }
        },
        EMPTY_DATA {
            @Override
            Header frame(int i) {
                return new Header(Header.DATA, 0, 1, 0);
            }
        },
        EMPTY_CREDIT {
            @Override
            Header frame(int i) {
                return new Header(Header.WINDOW_UPDATE, 0, 1, 0);
            }
        },
        CREDIT_THAT_NOBODY_WAITS_FOR {
            @Override
            Header frame(int i) {
                return new Header(Header.WINDOW_UPDATE, 0, 1, 1);
            }
        },
        CREDIT_FOR_ENDED_STREAMS {
            @Override
            Header frame(int i) {
                return new Header(Header.WINDOW_UPDATE, 0, 9, 1000);
            }
        },
        PINGS {
            @Override
            Header frame(int i) {
                return new Header(Header.PING, Header.SYN, 0, i);
            }
        },
        ANSWERS_TO_NO_PING {
            @Override
            Header frame(int i) {
                return new Header(Header.PING, Header.ACK, 0, i);
            }
        },
        STREAMS_ABOVE_THE_BOUND {
            @Override
            Header frame(int i) {
                return new Header(Header.WINDOW_UPDATE, Header.SYN, 3 + 2 * i, 0);
            }
        };

        abstract Header frame(int i);
    }

    private static boolean ends(List<YamuxOutput> outputs) {
        return !outputs.isEmpty() && outputs.getLast() instanceof YamuxOutput.Terminate;
    }

    @ParameterizedTest
    @EnumSource
    void aFloodEndsTheConnectionAfterABurst(Flood flood) {
        engine.receive(new Header(Header.WINDOW_UPDATE, Header.SYN, 1, 0), 0);
        int sent = 0;
        List<YamuxOutput> outputs = engine.receive(flood.frame(sent), 0);
        while (!ends(outputs)) {
            sent++;
            assertThat(sent).isLessThanOrEqualTo(2 * config.uselessFrameBurst() + 600);
            outputs = engine.receive(flood.frame(sent), 0);
        }
        assertThat(((YamuxOutput.Terminate) outputs.getLast()).code()).isEqualTo(Code.FLOOD);
        assertThat(outputs).noneMatch(YamuxOutput.Discard.class::isInstance);
        assertThat(sent).isGreaterThanOrEqualTo(config.uselessFrameBurst() / 4);
    }

    @ParameterizedTest
    @EnumSource
    void thirtyASecondAreNoFlood(Flood flood) {
        engine.receive(new Header(Header.WINDOW_UPDATE, Header.SYN, 1, 0), 0);
        for (int i = 0; i < 10_000; i++) {
            assertThat(ends(engine.receive(flood.frame(i), i * SECOND / 30))).isFalse();
        }
    }

    @Test
    void whatWasOnItsWayWhenWeResetAStreamIsNoFlood() {
        engine.receive(new Header(Header.DATA, Header.SYN, 1, 256), 0);
        engine.accepted(1);
        engine.reset(1, "enough");
        for (int sent = 256; sent + 256 <= YamuxConfig.INITIAL_WINDOW; sent += 256) {
            assertThat(engine.receive(new Header(Header.DATA, 0, 1, 256), 0))
                    .containsExactly(new YamuxOutput.Discard(256));
        }
        // The budget is as it was.
        for (int i = 0; i < config.uselessFrameBurst(); i++) {
            assertThat(ends(engine.receive(new Header(Header.DATA, 0, 1, 256), 0))).isFalse();
        }
        assertThat(ends(engine.receive(new Header(Header.DATA, 0, 1, 256), 0))).isTrue();
    }

    @Test
    void whatWasOnItsWayWhenWeStoppedReadingIsNoFlood() {
        engine.receive(new Header(Header.DATA, Header.SYN, 1, 256), 0);
        engine.accepted(1);
        engine.closeRead(1, 0);
        for (int sent = 256; sent + 256 <= YamuxConfig.INITIAL_WINDOW; sent += 256) {
            assertThat(ends(engine.receive(new Header(Header.DATA, 0, 1, 256), 0))).isFalse();
        }
    }

    @Test
    void bytesThatWereOnTheirWayAreNotUsedUpOneByOne() {
        engine.receive(new Header(Header.DATA, Header.SYN, 1, 256), 0);
        engine.accepted(1);
        engine.reset(1, "enough");
        int sent = 0;
        while (!ends(engine.receive(new Header(Header.DATA, 0, 1, 1), 0))) {
            sent++;
        }
        assertThat(sent)
                .isEqualTo(YamuxConfig.INITIAL_WINDOW / 256 - 1 + config.uselessFrameBurst());
    }

    @Test
    void streamsThatWeResetBecauseThereAreTooManyAreCounted() {
        int i = 0;
        while (!ends(
                engine.receive(new Header(Header.WINDOW_UPDATE, Header.SYN, 1 + 2 * i, 0), 0))) {
            engine.accepted(1 + 2 * i);
            engine.reset(1 + 2 * i, "one too many");
            i++;
        }
        assertThat(i).isEqualTo(config.uselessFrameBurst() + 1);
    }

    @Test
    void creditForWhatWeSentCostsNothing() {
        int id = engine.open(0);
        for (int i = 0; i < 100_000; i++) {
            assertThat(engine.write(id, 100)).isNotNull();
            assertThat(ends(engine.receive(new Header(Header.WINDOW_UPDATE, 0, id, 100), 0)))
                    .isFalse();
        }
    }

    /// A remote reads in pieces what we sent at once, and gives credit for each.
    @Test
    void creditForPartsOfWhatWeSentCostsNothing() {
        int window = YamuxConfig.INITIAL_WINDOW;
        for (int i = 0; i < 10_000; i++) {
            int id = engine.open(0);
            send(id, window);
            for (int part = 0; part < 4; part++) {
                Header credit = new Header(Header.WINDOW_UPDATE, 0, id, window / 4);
                assertThat(ends(engine.receive(credit, 0))).isFalse();
            }
            engine.reset(id, "enough");
        }
    }

    @Test
    void creditForStreamsThatHaveEndedCostsNothingWhereWeSentOnThem() {
        int window = YamuxConfig.INITIAL_WINDOW;
        for (int i = 0; i < 10_000; i++) {
            int id = engine.open(0);
            send(id, window);
            engine.closeWrite(id, 0);
            engine.receive(new Header(Header.WINDOW_UPDATE, Header.FIN, id, 0), 0);
            assertThat(engine.streamCount()).isZero();
            for (int half = 0; half < 2; half++) {
                Header credit = new Header(Header.WINDOW_UPDATE, 0, id, window / 2);
                assertThat(ends(engine.receive(credit, 0))).isFalse();
            }
        }
    }

    @Test
    void whatWeSentPaysForOneCreditOfEachSixteenKibibytes() {
        int id = engine.open(0);
        send(id, YamuxConfig.INITIAL_WINDOW);
        int free = YamuxConfig.INITIAL_WINDOW / UselessFrames.MIN_CREDIT_BYTES;
        assertThat(creditsUntilTheEnd(id)).isEqualTo(free + config.uselessFrameBurst());
    }

    @Test
    void creditForStreamsThatHaveEndedIsBoundedByWhatWeSent() {
        int id = engine.open(0);
        send(id, YamuxConfig.INITIAL_WINDOW);
        engine.reset(id, "enough");
        int free = YamuxConfig.INITIAL_WINDOW / UselessFrames.MIN_CREDIT_BYTES;
        assertThat(creditsUntilTheEnd(id)).isEqualTo(free + config.uselessFrameBurst());
    }

    private int creditsUntilTheEnd(int id) {
        int sent = 0;
        while (!ends(engine.receive(new Header(Header.WINDOW_UPDATE, 0, id, 1), 0))) {
            sent++;
            assertThat(sent).isLessThan(1_000_000);
        }
        return sent;
    }

    @Test
    void ofManyStreamsThatHaveEndedCreditIsBounded() {
        for (int i = 0; i < 10_000; i++) {
            int id = engine.open(0);
            send(id, YamuxConfig.INITIAL_WINDOW);
            engine.reset(id, "enough");
        }
        int each = YamuxConfig.INITIAL_WINDOW / UselessFrames.MIN_CREDIT_BYTES;
        assertThat(creditsUntilTheEnd(2)).isEqualTo(1_024 * each + config.uselessFrameBurst());
    }

    private void send(int id, int length) {
        int left = length;
        while (left > 0) {
            left -= Objects.requireNonNull(engine.write(id, left)).length();
        }
    }

    @Test
    void streamsThatCarryDataAndEndProperlyCostNothing() {
        for (int i = 0; i < 100_000; i++) {
            int id = 1 + 2 * i;
            engine.receive(new Header(Header.DATA, Header.SYN, id, 10), 0);
            engine.accepted(id);
            engine.receive(new Header(Header.WINDOW_UPDATE, Header.FIN, id, 0), 0);
            engine.closeWrite(id, 0);
            assertThat(engine.streamCount()).isZero();
        }
        assertThat(ends(engine.receive(new Header(Header.PING, Header.SYN, 0, 1), 0))).isFalse();
    }

    private static ReceiveMemory unlimited() {
        return new ReceiveMemory(MemoryScope.unlimited());
    }
}
