package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.request.SigningRequest;

import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;

class PeerHeadsTest {
    private final OneEngine alice = new OneEngine();
    private final PeerHeads heads = new PeerHeads(3);
    private final SigningRequest request = alice.fixture.request(1, 1);

    private static final Contribution.Refuse REFUSAL = new Contribution.Refuse("NO", "no");
    private static final Bytes OTHER_BOOT = Bytes.fromHex("0e".repeat(16));

    private Instant now = GroupFixture.NOW;

    /// Of a process that has been there for long.
    private void observe(Statement statement) {
        heads.observe(statement, now.minus(PeerHeads.SETTLES), now);
    }

    @AfterEach
    void close() {
        alice.close();
    }

    @Test
    void statementWithTheHighestHeadOfEachMemberIsKept() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        Statement ofCarol = alice.ready(2, request, 1, OneEngine.head(7));
        observe(five);
        observe(alice.ready(1, request, 2, OneEngine.head(3)));
        observe(alice.ready(1, request, 3, OneEngine.head(5)));
        observe(ofCarol);
        assertThat(heads.highest(1, now)).contains(five);
        assertThat(heads.highest(2, now)).contains(ofCarol);
        assertThat(heads.highest(0, now)).isEmpty();
        Statement six = alice.ready(1, request, 4, OneEngine.head(6));
        observe(six);
        assertThat(heads.highest(1, now)).contains(six);
    }

    @Test
    void whatAHelloCannotCarryIsNotRemembered() {
        List<Bytes> many = Collections.nCopies(1_000, Bytes.wrap(new byte[66]));
        observe(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Nonces(many, OneEngine.head(9))));
        assertThat(heads.highest(1, now)).isEmpty();
    }

    @Test
    void messagesWithoutAHeadAreIgnored() {
        observe(alice.sign(1, request.sessionId(), 1, REFUSAL));
        assertThat(heads.highest(1, now)).isEmpty();
    }

    @Test
    void headCountsSomeTimeAfterTheChallenge() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        heads.observe(five, now, now);
        assertThat(heads.highest(1, now)).isEmpty();
        now = now.plus(PeerHeads.SETTLES);
        assertThat(heads.highest(1, now)).contains(five);
    }

    @Test
    void headDoesNotCountUnchallengedHoweverMuchTimePasses() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        heads.observe(five, Instant.MAX, now);
        now = now.plus(Duration.ofDays(1));
        assertThat(heads.highest(1, now)).isEmpty();
        heads.challenged(now);
        heads.challenged(now.plusSeconds(1));
        assertThat(heads.highest(1, now.plus(PeerHeads.SETTLES).minusNanos(1))).isEmpty();
        assertThat(heads.highest(1, now.plus(PeerHeads.SETTLES))).contains(five);
    }

    @Test
    void highestHeadOfTheLastProcessThatHasNotAnsweredWaitsForItsAnswer() {
        Statement three = alice.ready(1, request, 1, OneEngine.head(3));
        Statement five = alice.ready(1, request, 2, OneEngine.head(5));
        Bytes boot = five.contribution().boot();
        assertThat(heads.answered(1, boot)).isEmpty();
        heads.observeUnanswered(five);
        heads.observeUnanswered(three);
        heads.observeUnanswered(alice.sign(1, request.sessionId(), 3, REFUSAL));
        heads.challenged(now);
        now = now.plus(PeerHeads.SETTLES);
        assertThat(heads.highest(1, now)).isEmpty();
        assertThat(heads.answered(1, Bytes.EMPTY)).as("of another process").isEmpty();
        assertThat(heads.answered(1, boot)).contains(five);
        assertThat(heads.answered(1, boot)).as("once").isEmpty();
        heads.observeUnanswered(five);
        Statement ofAnother = ofAnotherProcess(three);
        heads.observeUnanswered(ofAnother);
        assertThat(heads.answered(1, boot)).isEmpty();
        assertThat(heads.answered(1, ofAnother.contribution().boot())).contains(ofAnother);
    }

    private static Statement ofAnotherProcess(Statement statement) {
        Contribution said = statement.contribution();
        return new Statement(
                statement.group(),
                statement.author(),
                new Contribution(
                        said.group(),
                        OTHER_BOOT,
                        said.session(),
                        said.attempt(),
                        said.signer(),
                        said.body()),
                statement.payload(),
                statement.envelope());
    }

    @Test
    void headOfAProcessThatMayBeACopyDoesNotCount() {
        Statement three = alice.ready(1, request, 1, OneEngine.head(3));
        observe(three);
        heads.observe(alice.ready(1, request, 2, OneEngine.head(5)), now, now);
        heads.copyFound(1, now);
        now = now.plus(PeerHeads.SETTLES);
        assertThat(heads.highest(1, now)).contains(three);
    }

    @Test
    void headThatCountedBeforeACopyWasFoundStillDoes() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        heads.observe(five, now, now);
        now = now.plus(PeerHeads.SETTLES);
        heads.copyFound(1, now);
        assertThat(heads.highest(1, now)).contains(five);
    }

    @Test
    void headCountsAtTheMomentItIsDueAndNotBefore() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        heads.observe(five, now, now);
        assertThat(heads.highest(1, now.plus(PeerHeads.SETTLES).minusNanos(1))).isEmpty();
        Statement seven = alice.ready(1, request, 2, OneEngine.head(7));
        Instant due = now.plus(PeerHeads.SETTLES);
        heads.observe(seven, now, due);
        assertThat(heads.highest(1, due)).as("of a process that is there for long").contains(seven);
    }

    @Test
    void lowerHeadDoesNotTakeThePlaceOfAHigherOneThatWaits() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        heads.observe(five, now, now);
        heads.observe(alice.ready(1, request, 2, OneEngine.head(4)), now, now);
        now = now.plus(PeerHeads.SETTLES);
        assertThat(heads.highest(1, now)).contains(five);
    }

    @Test
    void suchHeadsAreForgottenWhetherTheyCountOrWait() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        Statement six = alice.ready(1, request, 2, OneEngine.head(6));
        Statement ofCarol = alice.ready(2, request, 1, OneEngine.head(5));
        observe(five);
        heads.observe(six, now, now);
        observe(ofCarol);
        heads.forget(1, head -> head.count() > 9);
        assertThat(heads.highest(1, now)).contains(five);
        heads.forget(1, head -> head.count() == 6);
        Instant later = now.plus(PeerHeads.SETTLES);
        assertThat(heads.highest(1, later)).as("the one that waited").contains(five);
        heads.forget(1, head -> head.count() == 5);
        assertThat(heads.highest(1, later)).isEmpty();
        assertThat(heads.highest(2, later)).as("of another member").contains(ofCarol);
        heads.forget(0, _ -> true);
        assertThat(heads.highest(0, later)).isEmpty();
    }

    /// Another process takes the place of the one that said it.
    @Test
    void headThatIsDueCountsBeforeALaterOneWaits() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        heads.observe(five, now, now);
        now = now.plus(PeerHeads.SETTLES);
        heads.observe(alice.ready(1, request, 2, OneEngine.head(6)), now, now);
        heads.copyFound(1, now);
        assertThat(heads.highest(1, now)).contains(five);
    }
}
