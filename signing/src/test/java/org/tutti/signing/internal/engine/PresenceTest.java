package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.group.Member;
import org.tutti.signing.internal.wire.Challenge;
import org.tutti.signing.internal.wire.Challenge.Seen;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.journal.JournalRecord;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Hellos, challenges and answers of one engine, message by message. What a whole group makes of
/// them is in [CopyTest].
class PresenceTest {
    private static final Duration PAUSE = Presence.CHALLENGE_PAUSE;
    private static final Duration EVERY = Presence.COPY_CHALLENGED_EVERY;

    private final OneEngine alice = new OneEngine();
    private final Bytes boot = alice.fixture.owner(0).boot();
    private final GroupFixture.Owner bob = alice.fixture.owner(1);
    private final GroupFixture.Owner carol = alice.fixture.owner(2);
    private final GroupFixture.Owner otherBob = bob.restarted();

    @AfterEach
    void close() {
        alice.close();
    }

    /// @param to index of a member; -1 for all
    private record Sent(String how, int to, Inbound message) {}

    private Inbound open(Bytes envelope) {
        try {
            return new EnvelopeVerifier(GroupTable.of(alice.fixture.group), SigningLimits.DEFAULT)
                    .verify(envelope);
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    private List<Sent> sent() {
        List<Sent> sent = new ArrayList<>();
        for (EngineOutput output : alice.last()) {
            switch (output) {
                case EngineOutput.Send(int to, Bytes envelope) ->
                        sent.add(new Sent("link", to, open(envelope)));
                case EngineOutput.SendToAllConnections(int to, Bytes envelope) ->
                        sent.add(new Sent("connections", to, open(envelope)));
                case EngineOutput.Broadcast(Bytes envelope) ->
                        sent.add(new Sent("broadcast", -1, open(envelope)));
                default -> {}
            }
        }
        return sent;
    }

    private List<String> howSent() {
        return sent().stream()
                .map(one -> one.how + " " + one.to + " " + one.message.getClass().getSimpleName())
                .toList();
    }

    /// The challenge that the last input made the engine send to all.
    private Challenge challenge() {
        return sent().stream()
                .filter(one -> one.how.equals("broadcast"))
                .map(one -> ((Inbound.Challenged) one.message).challenge())
                .findFirst()
                .orElseThrow();
    }

    private Inbound.Greeting hello(GroupFixture.Owner of, Optional<Inbound.Statement> remembered) {
        return of.envelopeSigner()
                .greet(
                        remembered,
                        5,
                        alice.fixture.terms(of.member().index(), GroupFixture.TERMS),
                        false,
                        Bytes.EMPTY);
    }

    private void hello(GroupFixture.Owner of) {
        alice.receive(hello(of, Optional.empty()));
    }

    private void answer(GroupFixture.Owner of, long number) {
        alice.receive(of.envelopeSigner().answer(0, boot, number));
    }

    private long dropped(int member, DropReason reason) {
        return alice.engine.dropped(alice.member(member), reason);
    }

    private boolean copied(int member) {
        return alice.engine.memberStates().get(member).copied();
    }

    // --- hellos

    @Test
    void memberWhoseStreamIsOpenIsToldWhoIsHereAndIsChallenged() {
        alice.handle(new EngineInput.PeerConnected(1));
        assertThat(howSent()).containsExactly("link 1 Greeting");
        Inbound.Greeting first = (Inbound.Greeting) sent().getFirst().message;
        assertThat(first.author()).isEqualTo(alice.self());
        assertThat(first.hello().boot()).isEqualTo(boot);
        assertThat(first.hello().recovering()).isEqualTo(Bytes.EMPTY);
        assertThat(first.hello().terms().text()).isEqualTo(GroupFixture.TERMS);
        alice.handle(new EngineInput.PeerConnected(2));
        Inbound.Greeting second = (Inbound.Greeting) sent().getFirst().message;
        assertThat(second.hello().challenge()).isEqualTo(first.hello().challenge() + 1);
    }

    @Test
    void helloIsAnsweredOnce() {
        hello(bob);
        assertThat(howSent()).containsExactly("link 1 Answered");
        Inbound.Answered answer = (Inbound.Answered) sent().getFirst().message;
        assertThat(answer.answer().challenger()).isEqualTo(1);
        assertThat(answer.answer().challengerBoot()).isEqualTo(bob.boot());
        assertThat(answer.answer().number()).isEqualTo(5);
        assertThat(answer.answer().boot()).isEqualTo(boot);
    }

    @Test
    void ownHelloThatComesBackSaysNothing() {
        alice.receive(hello(alice.fixture.owner(0), Optional.empty()));
        assertThat(sent()).isEmpty();
    }

    @Test
    void hellosOfOneMemberAreHeardAtItsRate() {
        for (int i = 0; i < 31; i++) {
            hello(bob); // One was said before.
        }
        assertThat(dropped(1, DropReason.TOO_MANY_ANSWERS)).isZero();
        hello(bob);
        assertThat(dropped(1, DropReason.TOO_MANY_ANSWERS)).isEqualTo(1);
        hello(carol);
        assertThat(howSent()).as("another's").containsExactly("link 2 Answered");
        alice.now = alice.now.plusMillis(250);
        hello(bob);
        assertThat(howSent()).containsExactly("link 1 Answered");
        hello(bob);
        assertThat(howSent()).isEmpty();
    }

    @Test
    void agreementOfAMemberIsReportedWhenItIsTheLast() {
        alice.journal.removeIf(
                record -> record instanceof JournalRecord.Agreed said && said.signer() == 2);
        int before = alice.events(SessionEvent.TermsAgreed.class).size();
        alice.restartAlone();
        hello(bob);
        assertThat(alice.events(SessionEvent.TermsAgreed.class)).hasSize(before);
        hello(carol);
        assertThat(alice.events(SessionEvent.TermsAgreed.class)).hasSize(before + 1);
        hello(carol);
        assertThat(alice.events(SessionEvent.TermsAgreed.class)).hasSize(before + 1);
    }

    @Test
    void sessionThatWaitsForTheLastHelloIsReadyWithIt() {
        alice.restartAlone();
        hello(bob);
        alice.approvedRequest(1);
        assertThat(alice.sent(Contribution.Ready.class)).isEmpty();
        hello(bob);
        assertThat(alice.sent(Contribution.Ready.class)).isEmpty();
        hello(carol);
        assertThat(alice.sent(Contribution.Ready.class)).isPresent();
    }

    // --- this node's challenges

    @Test
    void newProcessIsChallengedTogetherWithThoseThatComeWithIt() {
        alice.handle(new EngineInput.PeerConnected(1));
        alice.handle(new EngineInput.PeerConnected(2));
        answer(bob, 1);
        alice.tickAfter(Duration.ofMillis(100));
        answer(carol, 2);
        assertThat(sent()).isEmpty();
        Instant due = alice.now.minusMillis(100).plus(PAUSE);
        assertThat(alice.engine.nextDeadline()).contains(due);
        alice.tickAfter(Duration.between(alice.now, due).minusMillis(1));
        assertThat(sent()).isEmpty();
        alice.tickAfter(Duration.ofMillis(1));
        assertThat(howSent()).containsExactly("broadcast -1 Challenged");
        Challenge challenge = challenge();
        assertThat(challenge.number()).isEqualTo(3);
        assertThat(challenge.asked()).isEmpty();
        assertThat(challenge.seen())
                .containsExactly(
                        new Seen(0, boot), new Seen(1, bob.boot()), new Seen(2, carol.boot()));
        alice.tickAfter(Duration.ofDays(1));
        assertThat(sent()).as("once").isEmpty();
    }

    @Test
    void twoChallengesToAllAreSomeTimeApart() {
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 1);
        alice.tickAfter(PAUSE);
        assertThat(challenge().number()).isEqualTo(2);
        answer(otherBob, 2);
        answer(bob, 2);
        assertThat(copied(1)).as("it is no copy yet").isFalse();
        alice.tickAfter(PAUSE.minusMillis(1));
        assertThat(sent()).isEmpty();
        alice.tickAfter(Duration.ofMillis(1));
        assertThat(challenge().number()).isEqualTo(3);
        answer(bob, 3);
        assertThat(copied(1)).isTrue();
        assertThat(howSent())
                .as("each is told of the other, and the question waits")
                .containsExactly("connections 1 Answered", "connections 1 Answered");
        assertThat(alice.engine.nextDeadline()).contains(alice.now.plus(PAUSE));
        alice.tickAfter(PAUSE);
        assertThat(howSent())
                .containsExactly("broadcast -1 Challenged", "connections 1 Challenged");
        assertThat(challenge().asked()).containsExactly(1);
        assertThat(challenge().seen())
                .contains(new Seen(1, bob.boot()), new Seen(1, otherBob.boot()));
    }

    /// The link may have been opened again to the new one, which alone would answer then, and the
    /// other one, which says nothing by itself, would never be found.
    @Test
    void processThatAnswersAfterAnotherIsChallengedWithItOnAllConnections() {
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 1);
        alice.tickAfter(PAUSE);
        assertThat(howSent())
                .as("the first is the only one")
                .containsExactly("broadcast -1 Challenged");
        answer(otherBob, 2);
        alice.tickAfter(PAUSE);
        assertThat(howSent())
                .containsExactly("broadcast -1 Challenged", "connections 1 Challenged");
        long number = challenge().number();
        assertThat(challenge().asked()).as("others need not pass it on").isEmpty();
        answer(otherBob, number);
        answer(bob, number);
        assertThat(copied(1)).isTrue();
        answer(carol, 1);
        alice.tickAfter(EVERY);
        assertThat(howSent().stream().filter(how -> how.startsWith("connections 2"))).isEmpty();
    }

    /// Bob is there twice.
    private void makeCopy() {
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 1);
        answer(otherBob, 1);
        alice.tickAfter(PAUSE);
        answer(bob, 2);
        assertThat(copied(1)).isTrue();
    }

    @Test
    void copyIsToldOnceAndChallengedUntilItIsGone() {
        makeCopy();
        Instant found = alice.now;
        answer(otherBob, 2);
        answer(bob, 2);
        assertThat(alice.events(SessionEvent.CopyFound.class)).hasSize(1);
        alice.tickAfter(PAUSE);
        assertThat(challenge().asked()).containsExactly(1);
        assertThat(alice.engine.nextDeadline()).contains(found.plus(EVERY));
        for (int i = 1; i <= 3; i++) {
            alice.now = found.plus(EVERY.multipliedBy(i)).minusMillis(1);
            alice.handle(new EngineInput.Tick());
            assertThat(sent()).isEmpty();
            alice.tickAfter(Duration.ofMillis(1));
            if (i < 3) {
                assertThat(challenge().asked()).containsExactly(1);
                assertThat(alice.events(SessionEvent.CopyGone.class)).isEmpty();
            }
        }
        assertThat(alice.events(SessionEvent.CopyGone.class))
                .extracting(SessionEvent.CopyGone::member)
                .containsExactly(alice.member(1));
        assertThat(copied(1)).isFalse();
        assertThat(alice.engine.nextDeadline()).isEmpty();
    }

    @Test
    void otherProcessWithThisNodesIdentityIsFoundAndNotAnswered() {
        GroupFixture.Owner other = alice.fixture.owner(0).restarted();
        alice.handle(new EngineInput.PeerConnected(1));
        alice.receive(
                GroupFixture.from(other.envelopeSigner().answer(0, boot, 1), alice.member(1)));
        assertThat(copied(0)).isTrue();
        assertThat(alice.events(SessionEvent.CopyFound.class))
                .extracting(SessionEvent.CopyFound::member)
                .containsExactly(alice.self());
        // It is asked in the next challenge, which others pass on: there is no link to it.
        assertThat(howSent()).containsExactly("broadcast -1 Challenged");
        assertThat(challenge().asked()).containsExactly(0);
    }

    @Test
    void answersThatComeBackToTheirAuthorSayNothing() {
        alice.handle(new EngineInput.PeerConnected(1));
        alice.receive(
                GroupFixture.from(
                        alice.fixture.owner(0).envelopeSigner().answer(0, boot, 1),
                        alice.member(1)));
        assertThat(copied(0)).isFalse();
        assertThat(sent()).isEmpty();
    }

    @Test
    void answerToAChallengeThatWasNotMadeIsDropped() {
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 2);
        assertThat(dropped(1, DropReason.MALFORMED)).isEqualTo(1);
        answer(bob, 1);
        assertThat(dropped(1, DropReason.MALFORMED)).isEqualTo(1);
    }

    // --- processes that are spoken of

    @Test
    void processThatSpeaksInThePlaceOfTheKnownOneIsLookedForUnlessItAnswers() {
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 1);
        alice.tickAfter(PAUSE);
        alice.tickAfter(PAUSE);
        hello(otherBob);
        assertThat(howSent()).containsExactly("link 1 Answered");
        assertThat(alice.engine.nextDeadline()).contains(alice.now.plus(PAUSE));
        alice.tickAfter(PAUSE.dividedBy(2));
        hello(otherBob); // The time runs from the first.
        alice.tickAfter(PAUSE.dividedBy(2).minusMillis(1));
        assertThat(sent()).isEmpty();
        alice.tickAfter(Duration.ofMillis(1));
        assertThat(challenge().asked()).containsExactly(1);
        assertThat(alice.engine.nextDeadline()).isEmpty();
        hello(otherBob);
        answer(otherBob, 2);
        alice.tickAfter(PAUSE);
        assertThat(challenge().asked()).as("it has answered").isEmpty();
    }

    @Test
    void nobodyIsInDoubtBeforeOneHasAnswered() {
        hello(otherBob);
        assertThat(alice.engine.nextDeadline()).isEmpty();
    }

    @Test
    void doubtsOfTwoMembersAreLookedAtEachAtItsTime() {
        alice.handle(new EngineInput.PeerConnected(1));
        alice.handle(new EngineInput.PeerConnected(2));
        answer(bob, 1);
        answer(carol, 2);
        alice.tickAfter(PAUSE);
        alice.tickAfter(PAUSE);
        hello(otherBob);
        alice.tickAfter(Duration.ofMillis(300));
        hello(carol.restarted());
        alice.tickAfter(Duration.ofMillis(200));
        assertThat(challenge().asked()).containsExactly(1);
        assertThat(alice.engine.nextDeadline()).contains(alice.now.plusMillis(300));
        alice.tickAfter(Duration.ofMillis(300));
        assertThat(sent()).as("not so soon after the last").isEmpty();
        alice.tickAfter(Duration.ofMillis(200));
        assertThat(challenge().asked()).containsExactly(2);
    }

    // --- the challenges of others

    @Test
    void challengeIsAnsweredByAProcessThatItConcernsAndPassedOn() {
        Bytes another = Bytes.fromHex("ee".repeat(16));
        Inbound.Challenged seenElsewhere =
                carol.envelopeSigner().challenge(7, List.of(new Seen(0, another)), List.of());
        alice.receive(seenElsewhere);
        assertThat(howSent()).containsExactly("link 2 Answered");
        Inbound.Challenged known =
                carol.envelopeSigner().challenge(8, List.of(new Seen(0, boot)), List.of());
        alice.receive(known);
        assertThat(sent()).isEmpty();
        Inbound.Challenged asked = carol.envelopeSigner().challenge(9, List.of(), List.of(0, 1));
        alice.receive(asked);
        assertThat(howSent()).containsExactly("link 2 Answered", "connections 1 Challenged");
        Inbound.Challenged relayed =
                (Inbound.Challenged)
                        GroupFixture.from(
                                carol.envelopeSigner().challenge(10, List.of(), List.of(0)),
                                alice.member(1));
        alice.receive(relayed);
        assertThat(howSent())
                .as("the answer goes both ways; the question not back to where it came from")
                .containsExactly("link 1 Answered", "link 2 Answered", "link 2 Challenged");
    }

    @Test
    void challengeIsPassedOnToTheProcessesThatItConcerns() {
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 1);
        alice.receive(
                carol.envelopeSigner()
                        .challenge(7, List.of(new Seen(1, otherBob.boot())), List.of()));
        assertThat(howSent()).containsExactly("connections 1 Challenged");
        alice.receive(
                carol.envelopeSigner().challenge(8, List.of(new Seen(1, bob.boot())), List.of()));
        assertThat(sent()).isEmpty();
    }

    @Test
    void processThatAChallengeNamesIsLookedFor() {
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 1);
        alice.tickAfter(PAUSE);
        alice.tickAfter(PAUSE);
        alice.receive(
                carol.envelopeSigner()
                        .challenge(7, List.of(new Seen(1, otherBob.boot())), List.of()));
        alice.tickAfter(PAUSE);
        assertThat(challenge().asked()).containsExactly(1);
    }

    @Test
    void ownChallengeThatComesBackIsNeitherAnsweredNorPassedOn() {
        alice.receive(
                GroupFixture.from(
                        alice.fixture
                                .owner(0)
                                .envelopeSigner()
                                .challenge(7, List.of(), List.of(0, 1)),
                        alice.member(1)));
        assertThat(sent()).isEmpty();
        GroupFixture.Owner other = alice.fixture.owner(0).restarted();
        alice.receive(
                GroupFixture.from(
                        other.envelopeSigner().challenge(7, List.of(), List.of(0)),
                        alice.member(1)));
        assertThat(howSent())
                .as("that of another process of this node: answered on the way back alone")
                .containsExactly("link 1 Answered", "link 2 Challenged");
        alice.tickAfter(PAUSE);
        assertThat(challenge().asked()).as("which is looked for").containsExactly(0);
    }

    @Test
    void answerGoesBackTheWayThatItsChallengeCame() {
        Inbound.Challenged challenge = carol.envelopeSigner().challenge(7, List.of(), List.of(1));
        alice.receive(challenge);
        Inbound.Answered answer = bob.envelopeSigner().answer(2, carol.boot(), 7);
        alice.receive(answer);
        assertThat(howSent()).containsExactly("connections 2 Answered");
        alice.receive(bob.envelopeSigner().answer(2, carol.boot(), 8));
        assertThat(sent()).as("to a challenge that was not heard").isEmpty();
        alice.receive(bob.envelopeSigner().answer(2, otherBob.boot(), 7));
        assertThat(sent()).isEmpty();
    }

    @Test
    void processThatAnswersAnotherIsLookedForToo() {
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 1);
        alice.tickAfter(PAUSE);
        alice.tickAfter(PAUSE);
        alice.receive(otherBob.envelopeSigner().answer(2, carol.boot(), 7));
        alice.tickAfter(PAUSE);
        assertThat(challenge().asked()).containsExactly(1);
    }

    @Test
    void challengesOfOneAuthorArePassedOnAtItsRate() {
        int passedOn = 0;
        for (int i = 0; i < 20; i++) {
            alice.receive(carol.envelopeSigner().challenge(100 + i, List.of(), List.of(1)));
            passedOn += sent().size();
        }
        assertThat(passedOn).isEqualTo(8);
        alice.now = alice.now.plusMillis(250);
        for (int i = 0; i < 20; i++) {
            alice.receive(carol.envelopeSigner().challenge(200 + i, List.of(), List.of(1)));
            passedOn += sent().size();
        }
        assertThat(passedOn).isEqualTo(9);
    }

    @Test
    void messagesOnTheStreamsOfOneMemberAreHandledAtItsRate() {
        for (int i = 0; i < 256; i++) {
            alice.receive(carol.envelopeSigner().challenge(100 + i, List.of(), List.of()));
        }
        assertThat(dropped(2, DropReason.TOO_MANY_ANSWERS))
                .as("those beyond what is passed on are counted")
                .isEqualTo(256 - 8);
        alice.receive(carol.envelopeSigner().challenge(999, List.of(), List.of(0)));
        assertThat(sent()).isEmpty();
        alice.now = alice.now.plusMillis(1_000 / 64 + 1);
        alice.receive(carol.envelopeSigner().challenge(999, List.of(), List.of(0)));
        assertThat(howSent()).contains("link 2 Answered");
    }

    @Test
    void challengesThatWereHeardAreForgottenOldestFirst() {
        Member via = alice.member(1);
        Inbound first =
                GroupFixture.from(carol.envelopeSigner().challenge(1, List.of(), List.of(0)), via);
        alice.receive(first);
        for (int i = 2; i <= 1_024; i++) {
            alice.now = alice.now.plusMillis(20);
            alice.receive(
                    GroupFixture.from(
                            carol.envelopeSigner().challenge(i, List.of(), List.of()), via));
        }
        alice.receive(first);
        assertThat(sent()).as("it is remembered").isEmpty();
        alice.now = alice.now.plusMillis(20);
        alice.receive(
                GroupFixture.from(
                        carol.envelopeSigner().challenge(1_025, List.of(), List.of()), via));
        alice.now = alice.now.plusMillis(20);
        alice.receive(first);
        assertThat(howSent()).contains("link 1 Answered");
    }

    // --- heads

    private Inbound.Statement headOf(GroupFixture.Owner owner, long count) {
        return owner.envelopeSigner()
                .sign(
                        alice.engine.liveSessions().getFirst().id(),
                        1,
                        new Contribution.Ready(owner.attestation(), OneEngine.head(count)));
    }

    private Optional<Inbound.Statement> rememberedOfBob() {
        alice.handle(new EngineInput.PeerConnected(1));
        return ((Inbound.Greeting) sent().getFirst().message).remembered();
    }

    @Test
    void headOfTheProcessThatIsThereIsShownToItOnceItCounts() {
        alice.approvedRequest(1);
        alice.handle(new EngineInput.PeerConnected(1));
        answer(bob, 1);
        Inbound.Statement ready = headOf(bob, 5);
        alice.receive(ready);
        alice.tickAfter(Presence.CHALLENGE_PAUSE);
        alice.now = alice.now.plus(PeerHeads.SETTLES).minusMillis(1);
        assertThat(rememberedOfBob()).isEmpty();
        alice.now = alice.now.plusMillis(1);
        assertThat(rememberedOfBob().map(Inbound.Statement::envelope)).contains(ready.envelope());
    }

    /// Which of the two it was cannot be known.
    @Test
    void headStatedWhileThereIsACopyDoesNotCountLaterEither() {
        alice.approvedRequest(1);
        makeCopy();
        alice.receive(headOf(bob, 5));
        for (int i = 0; i < 4; i++) {
            alice.tickAfter(EVERY);
        }
        assertThat(copied(1)).isFalse();
        answer(bob, 2);
        alice.tickAfter(Presence.LONGEST_PAUSE);
        alice.now = alice.now.plus(PeerHeads.SETTLES);
        assertThat(rememberedOfBob()).isEmpty();
    }

    @Test
    void headOfAProcessThatHasNotAnsweredDoesNotCountUntilItHas() {
        alice.approvedRequest(1);
        Inbound.Statement ready = headOf(bob, 5);
        alice.receive(ready);
        alice.tickAfter(PeerHeads.SETTLES);
        assertThat(rememberedOfBob()).isEmpty();
        answer(bob, 1);
        assertThat(rememberedOfBob()).isEmpty();
        alice.tickAfter(Presence.LONGEST_PAUSE);
        alice.now = alice.now.plus(PeerHeads.SETTLES);
        assertThat(rememberedOfBob().map(Inbound.Statement::envelope)).contains(ready.envelope());
    }
}
