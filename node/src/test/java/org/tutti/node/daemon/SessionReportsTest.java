package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.node.daemon.RecordedEvents.Timed;
import org.tutti.node.events.NodeEvent;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.RequestGroup;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;
import org.tutti.signing.session.SessionOutcome;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

class SessionReportsTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
    private static final SessionId SESSION = new SessionId(Bytes.fromHex("ab".repeat(32)));
    private static final String ID = "ab".repeat(32);

    private final Setup alice = new TestGroup().setup(0);
    private final Member self = alice.self();
    private final Member other = alice.others().getFirst();
    private final RecordedEvents events = new RecordedEvents();
    private final SessionReports reports =
            new SessionReports(alice, context -> Optional.empty(), events);

    @Test
    void aRequestOfAnothersIsReceivedAndAnOwnOneAnnounced() {
        reported(
                new SessionEvent.Announced(AT, request(other.peerId()), other),
                new NodeEvent.RequestReceived(ID, other.peerId().toString(), "payment"));
        // Without the coins on its chain a node cannot say what the transaction is.
        reported(
                new SessionEvent.Announced(AT, request(self.peerId()), self),
                new NodeEvent.Announced(ID, "", 0));
    }

    @Test
    void whoIsThereAndWhatAllAgreeOnIsReported() {
        String peer = other.peerId().toString();
        reported(
                new SessionEvent.CopyFound(AT, self),
                new NodeEvent.CopyFound(self.peerId().toString(), true));
        reported(new SessionEvent.CopyFound(AT, other), new NodeEvent.CopyFound(peer, false));
        reported(new SessionEvent.CopyGone(AT, other), new NodeEvent.CopyGone(peer, false));
        reported(
                new SessionEvent.TermsDiffer(AT, other, Bytes.fromHex("6263ff")),
                new NodeEvent.AddressDiffers(peer, "bc?"));
        reported(
                new SessionEvent.OtherGroup(AT, other, Bytes.fromHex("77")),
                new NodeEvent.GroupDiffers(peer, "77", alice.group().id().toHex()));
        reported(
                new SessionEvent.TermsAgreed(AT),
                new NodeEvent.Agreed(
                        "regtest",
                        alice.wallet().internalKey().bytes().toHex(),
                        alice.wallet().outputKey().bytes().toHex(),
                        alice.wallet().address().text(),
                        alice.wallet().scriptPubKey().toHex()));
    }

    @Test
    void theStepsOfASessionAreReportedWithTheirTimes() {
        String peer = other.peerId().toString();
        reported(
                new SessionEvent.Resumed(AT, request(self.peerId()), 2),
                new NodeEvent.Resumed(ID, 2));
        reported(
                new SessionEvent.ReadySeen(AT, SESSION, other, 2),
                new NodeEvent.Ready(ID, 2, peer, other.index()));
        reported(
                new SessionEvent.AttemptStarted(AT, SESSION, 2),
                new NodeEvent.AttemptStarted(ID, 2));
        reported(
                new SessionEvent.NoncesSeen(AT, SESSION, other, 2),
                new NodeEvent.Nonces(ID, 2, peer, other.index()));
        reported(
                new SessionEvent.PartialSeen(AT, SESSION, other, 2),
                new NodeEvent.Partials(ID, 2, peer, other.index()));
        reported(
                new SessionEvent.AttemptFailed(AT, SESSION, 2, List.of(other)),
                new NodeEvent.AttemptFailed(ID, 2, List.of(peer), "waited for " + List.of(other)));
    }

    @Test
    void theEndsOfASessionAreReported() {
        String peer = other.peerId().toString();
        reported(
                new SessionEvent.Refused(AT, SESSION, other, "FEE_ABOVE_LIMIT", "too much", false),
                new NodeEvent.Refused(ID, peer, "FEE_ABOVE_LIMIT", "too much", false));
        reported(
                new SessionEvent.Aborted(
                        AT,
                        new SessionOutcome.Aborted(
                                SESSION,
                                self,
                                "BAD_PARTIAL",
                                List.of(other),
                                List.of(),
                                List.of(self),
                                "wrong",
                                Optional.of(Path.of("evidence/x")),
                                false)),
                new NodeEvent.Aborted(
                        ID,
                        self.peerId().toString(),
                        "BAD_PARTIAL",
                        "wrong",
                        List.of(peer),
                        List.of(),
                        List.of(self.peerId().toString()),
                        Optional.of("evidence/x"),
                        false));
    }

    @Test
    void signaturesAreReportedByThePaymentsAlone() {
        reports.accept(new SessionEvent.Signed(AT, request(self.peerId()), List.of()));
        assertThat(events.take()).isEmpty();
    }

    @Test
    void troubleIsReported() {
        DropReason reason = DropReason.BAD_ENVELOPE;
        reported(
                new SessionEvent.Dropped(AT, other, reason, 4),
                new NodeEvent.Dropped(other.peerId().toString(), "BAD_ENVELOPE", 4));
        reported(
                new SessionEvent.JournalFailed(AT, "disk full"),
                new NodeEvent.JournalFailed("disk full"));
    }

    private void reported(SessionEvent event, NodeEvent expected) {
        reports.accept(event);
        assertThat(events.takeTimed()).containsExactly(new Timed(AT, expected));
    }

    private static SigningRequest request(PeerId requester) {
        return new SigningRequest(
                SESSION,
                new RequestGroup(SESSION.bytes(), SESSION.bytes(), 1, List.of()),
                requester,
                Bytes.wrap(new byte[32]),
                AT,
                AT.plusSeconds(600),
                List.of(),
                "payment",
                Bytes.EMPTY,
                Bytes.EMPTY,
                Bytes.EMPTY);
    }
}
