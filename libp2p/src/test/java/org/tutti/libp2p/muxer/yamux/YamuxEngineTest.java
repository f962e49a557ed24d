package org.tutti.libp2p.muxer.yamux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.tutti.libp2p.io.MemoryScope;
import org.tutti.libp2p.muxer.MuxerException.Code;
import org.tutti.libp2p.muxer.yamux.YamuxEngine.Opening;

import java.time.Duration;
import java.util.List;

/// The rules, one at a time. We are the initiator (odd ids) unless the test says otherwise; the
/// clock stands at 0 unless it is moved.
class YamuxEngineTest {
    private static final int WINDOW = YamuxConfig.INITIAL_WINDOW;
    private static final long SECOND = 1_000_000_000L;

    private final YamuxConfig config =
            YamuxConfig.builder()
                    .maxStreams(4)
                    .ackBacklog(3)
                    .maxFrame(1000)
                    .maxWindow(1 << 20)
                    .windowBudget(WINDOW)
                    .lingerTimeout(Duration.ofSeconds(60))
                    .uselessFrameBurst(20)
                    .uselessFramesPerSecond(4)
                    .controlBacklog(4096)
                    .build();
    private final YamuxEngine engine = new YamuxEngine(true, config, unlimited(), 0);

    // Opening.

    @Test
    void ourStreamsAreOddIfWeDialledAndEvenIfWeListened() {
        assertThat(engine.open(0)).isEqualTo(1);
        assertThat(engine.open(0)).isEqualTo(3);
        YamuxEngine listener = new YamuxEngine(false, config, unlimited(), 0);
        assertThat(listener.open(0)).isEqualTo(2);
        assertThat(listener.open(0)).isEqualTo(4);
    }

    @Test
    void synRidesOnTheFirstDataFrameAndOnlyThere() {
        int id = engine.open(0);
        assertThat(engine.write(id, 10)).isEqualTo(new Header(Header.DATA, Header.SYN, id, 10));
        assertThat(engine.write(id, 10)).isEqualTo(new Header(Header.DATA, 0, id, 10));
        assertThat(engine.announce(id)).isEmpty();
    }

    @Test
    void synGoesAloneIfTheApplicationWaits() {
        int id = engine.open(0);
        assertThat(engine.announce(id))
                .containsExactly(send(Header.WINDOW_UPDATE, Header.SYN, id, 0));
        assertThat(engine.announce(id)).isEmpty();
    }

    @Test
    void ackRidesOnOurFirstFrame() {
        receive(Header.DATA, Header.SYN, 2, 5);
        engine.accepted(2);
        assertThat(engine.write(2, 7)).isEqualTo(new Header(Header.DATA, Header.ACK, 2, 7));
    }

    @Test
    void streamsWaitWhileTooManyAreUnacknowledged() {
        int first = engine.open(0);
        engine.open(0);
        engine.open(0);
        assertThat(engine.canOpen()).isEqualTo(Opening.WAIT);
        assertThat(receive(Header.WINDOW_UPDATE, Header.ACK, first, 0))
                .containsExactly(new YamuxOutput.Acknowledged(first));
        assertThat(engine.canOpen()).isEqualTo(Opening.NOW);
        // A second ACK of the same stream earns nothing.
        assertThat(receive(Header.WINDOW_UPDATE, Header.ACK, first, 0)).isEmpty();
        engine.open(0);
        assertThat(engine.canOpen()).isEqualTo(Opening.FULL);
    }

    @Test
    void theRemotesUnacceptedStreamsAreBounded() {
        for (int id = 2; id <= 6; id += 2) {
            assertThat(receive(Header.WINDOW_UPDATE, Header.SYN, id, 0))
                    .containsExactly(new YamuxOutput.Accept(id));
        }
        assertThat(receive(Header.DATA, Header.SYN, 8, 100))
                .containsExactly(
                        send(Header.WINDOW_UPDATE, Header.RST, 8, 0),
                        new YamuxOutput.Refused("yamux.ackBacklog"),
                        new YamuxOutput.Discard(100));
        engine.accepted(2);
        assertThat(receive(Header.WINDOW_UPDATE, Header.SYN, 10, 0))
                .containsExactly(new YamuxOutput.Accept(10));
    }

    @Test
    void allStreamsTogetherAreBounded() {
        for (int id = 2; id <= 8; id += 2) {
            receive(Header.WINDOW_UPDATE, Header.SYN, id, 0);
            engine.accepted(id);
        }
        assertThat(engine.canOpen()).isEqualTo(Opening.FULL);
        assertThat(receive(Header.WINDOW_UPDATE, Header.SYN, 10, 0))
                .containsExactly(
                        send(Header.WINDOW_UPDATE, Header.RST, 10, 0),
                        new YamuxOutput.Refused("yamux.maxStreams"));
        assertThatThrownBy(() -> engine.open(0)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void synForAnOpenStreamOrForOneOfOursIsAViolation() {
        assertViolation(true, Header.WINDOW_UPDATE, Header.SYN, 3, 0);
        receive(Header.WINDOW_UPDATE, Header.SYN, 2, 0);
        assertViolation(Header.DATA, Header.SYN, 2, 0);
    }

    @Test
    void synDataAndFinInOneFrameAreThreeEvents() {
        assertThat(receive(Header.DATA, Header.SYN | Header.FIN, 2, 9))
                .containsExactly(
                        new YamuxOutput.Accept(2),
                        new YamuxOutput.Deliver(2, 9),
                        new YamuxOutput.RemoteEnd(2));
    }

    // Flow control.

    @Test
    void weSendAtMostTheWindow() {
        int id = engine.open(0);
        int sent = 0;
        for (Header header = engine.write(id, 1 << 30);
                header != null;
                header = engine.write(id, 1 << 30)) {
            assertThat(header.length()).isLessThanOrEqualTo(config.maxFrame());
            sent += header.length();
        }
        assertThat(sent).isEqualTo(WINDOW);
        assertThat(receive(Header.WINDOW_UPDATE, 0, id, 77))
                .containsExactly(new YamuxOutput.Writable(id));
        assertThat(engine.write(id, 1000)).isEqualTo(new Header(Header.DATA, 0, id, 77));
    }

    @Test
    void anAbsurdCreditIsOnlyALargeOne() {
        int id = engine.open(0);
        for (int i = 0; i < 5; i++) {
            receive(Header.WINDOW_UPDATE, 0, id, 0xffff_ffff);
        }
        assertThat(engine.write(id, 1000)).isNotNull();
    }

    @Test
    void aRemoteThatOverrunsTheWindowLosesTheStream() {
        receive(Header.DATA, Header.SYN, 2, WINDOW);
        assertThat(receive(Header.DATA, 0, 2, 1))
                .containsExactly(
                        send(Header.WINDOW_UPDATE, Header.RST, 2, 0),
                        new YamuxOutput.LocalReset(2, "the remote overran the window"),
                        new YamuxOutput.Refused("yamux.receiveWindow"),
                        new YamuxOutput.Discard(1));
        assertThat(engine.streamCount()).isZero();
    }

    @Test
    void theWindowIsReplenishedByReadingAndNotBefore() {
        receive(Header.DATA, Header.SYN, 2, WINDOW);
        engine.accepted(2);
        assertThat(engine.consumed(2, WINDOW / 2 - 1, 0)).isEmpty();
        assertThat(engine.consumed(2, 1, 0))
                .contains(send(Header.WINDOW_UPDATE, Header.ACK, 2, WINDOW / 2));
        assertThat(receive(Header.DATA, 0, 2, WINDOW / 2))
                .containsExactly(new YamuxOutput.Deliver(2, WINDOW / 2));
        assertThat(receive(Header.DATA, 0, 2, 1)).contains(new YamuxOutput.Discard(1));
    }

    @Test
    void theFirstWindowUpdateMeasuresTheRoundTrip() {
        receive(Header.DATA, Header.SYN, 2, WINDOW);
        assertThat(engine.consumed(2, WINDOW / 2, 100))
                .contains(send(Header.PING, Header.SYN, 0, 1));
        assertThat(engine.receive(new Header(Header.PING, Header.ACK, 0, 1), 150))
                .containsExactly(new YamuxOutput.RoundTrip(50));
    }

    @Test
    void aWindowThatIsUsedUpWithinRoundTripsDoublesUpToTheBudget() {
        measure(1000);
        receive(Header.DATA, Header.SYN, 2, WINDOW);
        assertThat(engine.consumed(2, WINDOW / 2, 100))
                .containsExactly(send(Header.WINDOW_UPDATE, Header.ACK, 2, WINDOW / 2 + WINDOW));
        assertThat(engine.budgetUsed()).isEqualTo(WINDOW);
        // The budget of this configuration is spent: the window stays.
        assertThat(engine.consumed(2, WINDOW, 200))
                .containsExactly(send(Header.WINDOW_UPDATE, 0, 2, WINDOW));
        receive(Header.WINDOW_UPDATE, Header.RST, 2, 0);
        assertThat(engine.budgetUsed()).isZero();
    }

    @Test
    void aWindowGrowsOnlyWhereThereIsMemory() {
        FakeMemory memory = new FakeMemory(WINDOW - ReceiveMemory.FREE);
        YamuxEngine poor =
                new YamuxEngine(true, YamuxConfig.defaults(), new ReceiveMemory(memory), 0);
        measure(poor, 1000);
        for (int id : new int[] {2, 4}) {
            poor.receive(new Header(Header.DATA, Header.SYN, id, WINDOW), 0);
        }
        assertThat(poor.consumed(2, WINDOW / 2, 100))
                .containsExactly(send(Header.WINDOW_UPDATE, Header.ACK, 2, WINDOW / 2 + WINDOW));
        assertThat(memory.used()).isEqualTo(WINDOW - ReceiveMemory.FREE);
        assertThat(poor.consumed(4, WINDOW / 2, 100))
                .containsExactly(send(Header.WINDOW_UPDATE, Header.ACK, 4, WINDOW / 2));
        // The remote sends no more.
        poor.receive(new Header(Header.WINDOW_UPDATE, Header.FIN, 2, 0), 100);
        assertThat(memory.used()).isZero();
    }

    @Test
    void aWindowThatIsUsedSlowlyStays() {
        measure(1000);
        receive(Header.DATA, Header.SYN, 2, WINDOW);
        assertThat(engine.consumed(2, WINDOW / 2, 5001))
                .containsExactly(send(Header.WINDOW_UPDATE, Header.ACK, 2, WINDOW / 2));
    }

    @Test
    void aDataFrameLargerThanAnyWindowIsAViolation() {
        receive(Header.WINDOW_UPDATE, Header.SYN, 2, 0);
        assertViolation(Header.DATA, 0, 2, (1 << 20) + 1);
    }

    // Ending.

    @Test
    void finGoesInItsOwnFrame() {
        int id = engine.open(0);
        engine.write(id, 10);
        assertThat(engine.closeWrite(id, 0))
                .containsExactly(send(Header.WINDOW_UPDATE, Header.FIN, id, 0));
        assertThat(engine.closeWrite(id, 0)).isEmpty();
        assertThatThrownBy(() -> engine.write(id, 1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aStreamEndsWhenBothSidesHave() {
        int id = engine.open(0);
        engine.closeWrite(id, 0);
        assertThat(receive(Header.DATA, 0, id, 10))
                .containsExactly(new YamuxOutput.Deliver(id, 10));
        assertThat(receive(Header.WINDOW_UPDATE, Header.FIN, id, 0))
                .containsExactly(new YamuxOutput.RemoteEnd(id));
        assertThat(engine.streamCount()).isZero();
    }

    @Test
    void dataAfterTheRemotesEndLosesTheStream() {
        receive(Header.DATA, Header.SYN | Header.FIN, 2, 1);
        assertThat(receive(Header.DATA, 0, 2, 1))
                .contains(new YamuxOutput.LocalReset(2, "the remote sent data after its end"));
    }

    @Test
    void anErrorCodeInAResetIsNoCredit() {
        int id = engine.open(0);
        assertThat(receive(Header.WINDOW_UPDATE, Header.RST, id, 0x1234))
                .containsExactly(new YamuxOutput.RemoteReset(id, 0x1234));
    }

    @Test
    void dataThatComesWithAResetIsDropped() {
        receive(Header.WINDOW_UPDATE, Header.SYN, 2, 0);
        assertThat(receive(Header.DATA, Header.RST, 2, 10))
                .containsExactly(new YamuxOutput.RemoteReset(2, 0), new YamuxOutput.Discard(10));
    }

    @Test
    void lateFramesOfAStreamThatIsGoneAreDropped() {
        receive(Header.WINDOW_UPDATE, Header.SYN, 2, 0);
        engine.reset(2, "test");
        assertThat(receive(Header.DATA, 0, 2, 10)).containsExactly(new YamuxOutput.Discard(10));
        assertThat(receive(Header.WINDOW_UPDATE, Header.FIN, 2, 0)).isEmpty();
    }

    @Test
    void framesForAStreamThatWeNeverOpenedAreAViolation() {
        assertViolation(Header.DATA, 0, 7, 0);
    }

    @Test
    void resettingAStreamThatNobodyHeardOfSaysNothing() {
        int id = engine.open(0);
        assertThat(engine.reset(id, "why")).containsExactly(new YamuxOutput.LocalReset(id, "why"));
    }

    @Test
    void aClosedReaderDropsAndGivesNoCredit() {
        receive(Header.DATA, Header.SYN, 2, 10);
        engine.closeRead(2, 0);
        assertThat(receive(Header.DATA, 0, 2, 10)).containsExactly(new YamuxOutput.Discard(10));
        assertThat(engine.consumed(2, WINDOW, 0)).isEmpty();
    }

    @Test
    void aStreamThatWeAreDoneWithDoesNotWaitForTheRemoteForEver() {
        int id = engine.open(0);
        engine.write(id, 1);
        engine.closeWrite(id, 0);
        engine.closeRead(id, 0);
        engine.receive(new Header(Header.WINDOW_UPDATE, 0, id, 1), 59 * SECOND);
        assertThat(engine.tick(60 * SECOND - 1)).isEmpty();
        assertThat(engine.tick(60 * SECOND))
                .contains(send(Header.WINDOW_UPDATE, Header.RST, id, 0));
        assertThat(engine.streamCount()).isZero();
    }

    // The session.

    @Test
    void pingsAreAnsweredWithTheirValue() {
        assertThat(receive(Header.PING, Header.SYN, 0, 0xdead_beef))
                .containsExactly(send(Header.PING, Header.ACK, 0, 0xdead_beef));
    }

    @Test
    void tooManyPingsEndTheConnection() {
        for (int i = 0; i < config.uselessFrameBurst() / 4; i++) {
            receive(Header.PING, Header.SYN, 0, i);
        }
        assertTerminated(receive(Header.PING, Header.SYN, 0, 9), Code.FLOOD);
    }

    @Test
    void pingsAreEarnedWithTime() {
        for (int i = 0; i < 100; i++) {
            assertThat(engine.receive(new Header(Header.PING, Header.SYN, 0, i), i * SECOND))
                    .hasSize(1);
        }
    }

    @Test
    void anAnswerThatNobodyAskedForIsIgnored() {
        assertThat(receive(Header.PING, Header.ACK, 0, 99)).isEmpty();
    }

    @Test
    void oneAnswerIsWaitedForAtATime() {
        assertThat(engine.ping(SECOND)).containsExactly(send(Header.PING, Header.SYN, 0, 1));
        assertThat(engine.ping(2 * SECOND)).isEmpty();
        assertThat(engine.receive(new Header(Header.PING, Header.ACK, 0, 1), 4 * SECOND))
                .containsExactly(new YamuxOutput.RoundTrip(3 * SECOND));
        assertThat(engine.ping(4 * SECOND)).containsExactly(send(Header.PING, Header.SYN, 0, 2));
    }

    @Test
    void nobodyIsPingedWithoutAReason() {
        assertThat(engine.tick(1_000 * SECOND)).isEmpty();
    }

    @Test
    void nothingIsAskedAfterTheEnd() {
        receive(Header.GO_AWAY, 0, 0, 0);
        assertThat(engine.ping(SECOND)).isEmpty();
    }

    @Test
    void goAwayEndsTheConnection() {
        assertTerminated(receive(Header.GO_AWAY, 0, 0, 1), Code.GO_AWAY);
        assertThat(receive(Header.DATA, Header.SYN, 2, 5))
                .as("nothing counts after the end")
                .isEmpty();
    }

    @Test
    void whatTheProtocolDoesNotKnowEndsTheConnection() {
        assertViolation(4, 0, 0, 0);
        assertViolation(Header.DATA, 16, 2, 0);
        assertViolation(Header.DATA, 0, 0, 0);
        assertViolation(Header.WINDOW_UPDATE, Header.SYN, 0, 0);
        assertViolation(Header.PING, Header.SYN, 1, 0);
        assertViolation(Header.PING, Header.FIN, 0, 0);
        assertViolation(Header.GO_AWAY, 0, 1, 0);
        YamuxEngine fresh = new YamuxEngine(true, config, unlimited(), 0);
        assertTerminated(
                fresh.receive(new Header(1, Header.DATA, 0, 2, 0), 0), Code.PROTOCOL_VIOLATION);
    }

    private void measure(long nanos) {
        measure(engine, nanos);
    }

    private static void measure(YamuxEngine engine, long nanos) {
        engine.ping(30 * SECOND);
        engine.receive(new Header(Header.PING, Header.ACK, 0, 1), 30 * SECOND + nanos);
    }

    private List<YamuxOutput> receive(int type, int flags, int streamId, int length) {
        return engine.receive(new Header(type, flags, streamId, length), 0);
    }

    private static YamuxOutput.Send send(int type, int flags, int streamId, int length) {
        return new YamuxOutput.Send(new Header(type, flags, streamId, length));
    }

    private void assertViolation(int type, int flags, int streamId, int length) {
        // On a fresh engine, unless this one has a stream that the frame is for.
        assertViolation(engine.streamCount() == 0, type, flags, streamId, length);
    }

    private void assertViolation(boolean fresh, int type, int flags, int streamId, int length) {
        YamuxEngine broken = fresh ? new YamuxEngine(true, config, unlimited(), 0) : engine;
        assertTerminated(
                broken.receive(new Header(type, flags, streamId, length), 0),
                Code.PROTOCOL_VIOLATION);
    }

    private static void assertTerminated(List<YamuxOutput> outputs, Code code) {
        assertThat(outputs)
                .singleElement()
                .isInstanceOfSatisfying(
                        YamuxOutput.Terminate.class, end -> assertThat(end.code()).isEqualTo(code));
    }

    private static ReceiveMemory unlimited() {
        return new ReceiveMemory(MemoryScope.unlimited());
    }
}
