package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.event.CoordinatorEvent;
import org.tutti.coordinator.message.RequestId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.node.api.SessionInfo.Phase;
import org.tutti.node.events.NodeEvent;
import org.tutti.signing.request.SessionId;

import java.time.Instant;
import java.util.List;

class RequestSessionsTest {
    private static final Instant AT = Instant.EPOCH;
    private static final RequestId REQUEST = new RequestId(Bytes.fromHex("a1".repeat(32)));
    private static final PublicKey BOB = TestGroup.keys(2).signing().publicKey();

    private final RequestSessions sessions = new RequestSessions();

    private static SessionId session(int number) {
        byte[] id = new byte[32];
        id[0] = (byte) (number >> 8);
        id[1] = (byte) number;
        return new SessionId(Bytes.wrap(id));
    }

    @Test
    void aSessionGoesThroughItsRoundsUntilItIsSigned() {
        sessions.see(new CoordinatorEvent.SessionCreated(AT, REQUEST, session(1)));
        sessions.see(new CoordinatorEvent.SessionJoined(AT, REQUEST, session(1)));
        assertThat(sessions.all())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.own()).isTrue();
                    assertThat(entry.phase()).isEqualTo(Phase.ROUND_1);
                });
        sessions.see(new CoordinatorEvent.Round1Complete(AT, REQUEST, session(1)));
        assertThat(sessions.all().getFirst().phase()).isEqualTo(Phase.ROUND_2);
        sessions.see(new CoordinatorEvent.Round2Complete(AT, REQUEST, session(1)));
        assertThat(sessions.all().getFirst().phase()).isEqualTo(Phase.COMBINING);
        sessions.see(new CoordinatorEvent.Finalized(AT, REQUEST, List.of()));
        assertThat(sessions.all().getFirst().phase()).isEqualTo(Phase.SIGNED);
        // Told again at the next start, or late: nothing changes.
        sessions.see(new CoordinatorEvent.SessionAborted(AT, REQUEST, "X", "y", List.of()));
        assertThat(sessions.all().getFirst().phase()).isEqualTo(Phase.SIGNED);
    }

    @Test
    void whoIsLateAndWhyItEndedIsKept() {
        sessions.see(new CoordinatorEvent.SessionJoined(AT, REQUEST, session(1)));
        CoordinatorEvent late = new CoordinatorEvent.SignerLate(AT, REQUEST, BOB);
        sessions.see(late);
        sessions.see(late);
        CoordinatorEvent aborted =
                new CoordinatorEvent.SessionAborted(AT, REQUEST, "LATE", "bob", List.of(BOB));
        sessions.see(aborted);
        assertThat(sessions.all())
                .singleElement()
                .satisfies(entry -> {
                    assertThat(entry.own()).isFalse();
                    assertThat(entry.phase()).isEqualTo(Phase.ABORTED);
                    assertThat(entry.reason()).contains("LATE: bob");
                    assertThat(entry.late()).containsExactly(BOB);
                });
        assertThat(RequestReports.of(late))
                .isEqualTo(new NodeEvent.SignerLate(REQUEST.toString(), RequestReports.text(BOB)));
        assertThat(RequestReports.of(aborted))
                .isEqualTo(
                        new NodeEvent.SessionAborted(
                                REQUEST.toString(),
                                "LATE",
                                "bob",
                                List.of(RequestReports.text(BOB))));
    }

    @Test
    void whatIsTriedAgainHasEndedBefore() {
        sessions.see(new CoordinatorEvent.SessionJoined(AT, REQUEST, session(1)));
        sessions.see(new CoordinatorEvent.SessionJoined(AT.plusSeconds(1), REQUEST, session(2)));
        assertThat(sessions.all())
                .extracting(RequestSessions.Entry::phase)
                .containsExactlyInAnyOrder(Phase.ROUND_1, Phase.ABORTED);
        sessions.see(new CoordinatorEvent.SessionClosed(AT.plusSeconds(2), REQUEST, true));
        assertThat(sessions.all()).allMatch(RequestSessions.Entry::hasEnded);
    }

    @Test
    void aBoundedNumberIsKeptAndWhatRunsStays() {
        RequestId runs = new RequestId(Bytes.fromHex("b2".repeat(32)));
        sessions.see(new CoordinatorEvent.SessionJoined(AT, runs, session(9_999)));
        for (int i = 0; i < RequestSessions.MAX_SESSIONS + 5; i++) {
            sessions.see(new CoordinatorEvent.SessionJoined(AT, REQUEST, session(i)));
        }
        assertThat(sessions.all()).hasSize(RequestSessions.MAX_SESSIONS);
        assertThat(sessions.all()).anyMatch(entry -> entry.request().equals(runs));
    }
}
