package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.EnvelopeSigner;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;
import org.tutti.signing.session.SessionEvent;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// SAFETY 35: a relay stands between alice and the others. What it can do to their messages is to
/// withhold them, to bring them in another order or to another member, and to repeat them.
class OverRelayTest {
    private final OneEngine alice =
            new OneEngine(new GroupFixture(3, 77), SigningLimits.DEFAULT, true);
    private final Bytes boot = alice.fixture.owner(0).boot();

    @AfterEach
    void close() {
        alice.close();
    }

    private EnvelopeSigner signer(int member) {
        return alice.fixture.owner(member).envelopeSigner();
    }

    /// A process of a member that was there before the one of the fixture, or after it.
    private EnvelopeSigner otherProcess(int member, String boot) {
        GroupFixture.Owner owner = alice.fixture.owner(member);
        return new EnvelopeSigner(
                owner.member(), owner.identity(), alice.fixture.group, Bytes.fromHex(boot));
    }

    private Inbound.Greeting hello(
            EnvelopeSigner from,
            Bytes receiverBoot,
            long number,
            Optional<Inbound.Statement> remembered) {
        return from.greet(
                remembered,
                number,
                alice.fixture.terms(from.self().index(), GroupFixture.TERMS),
                false,
                Bytes.EMPTY,
                receiverBoot);
    }

    private Inbound.Greeting hello(EnvelopeSigner from, Bytes receiverBoot, long number) {
        return hello(from, receiverBoot, number, Optional.empty());
    }

    private void answer(EnvelopeSigner from, long number) {
        alice.receive(from.answer(0, boot, number));
    }

    /// Alice says hello to this member.
    ///
    /// @return the number of that challenge
    private long challenged(int member) {
        return ((Inbound.Greeting)
                        sentTo(member, alice.handle(new EngineInput.PeerConnected(member)))
                                .getFirst())
                .hello()
                .challenge();
    }

    private boolean greeted(int member) {
        return alice.engine.memberStates().get(member).greeted();
    }

    private List<Inbound> sentTo(int member, List<EngineOutput> outputs) {
        List<Inbound> sent = new ArrayList<>();
        for (EngineOutput output : outputs) {
            if (output instanceof EngineOutput.Send(int to, Bytes envelope) && to == member) {
                try {
                    sent.add(
                            new EnvelopeVerifier(
                                            GroupTable.of(alice.fixture.group),
                                            SigningLimits.DEFAULT)
                                    .verify(envelope));
                } catch (WireException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return sent;
    }

    private long dropped(int member, DropReason reason) {
        return alice.engine.dropped(alice.member(member), reason);
    }

    private void greetBoth() {
        for (int member : List.of(1, 2)) {
            answer(signer(member), challenged(member));
            alice.receive(hello(signer(member), boot, 8));
        }
    }

    @Test
    void helloThatNamesAnotherProcessOrNoneDoesNotCount() {
        answer(signer(1), challenged(1));
        alice.receive(hello(signer(1), Bytes.EMPTY, 2));
        assertThat(greeted(1)).isFalse();
        alice.receive(hello(signer(1), Bytes.fromHex("0e".repeat(16)), 3));
        assertThat(greeted(1)).as("of the time before alice's restart, or for another").isFalse();
        alice.receive(hello(signer(1), boot, 4));
        assertThat(greeted(1)).isTrue();
    }

    @Test
    void helloThatNamesNobodyIsAnsweredWithOneThatNamesItsProcessAndWithEverythingAgain() {
        greetBoth();
        SigningRequest request = alice.approvedRequest(1);
        EnvelopeSigner next = otherProcess(1, "b1".repeat(16));
        List<Inbound> sent = sentTo(1, alice.receive(hello(next, Bytes.EMPTY, 1)));
        assertThat(sent.get(0)).as("first, or nothing counts").isInstanceOf(Inbound.Answered.class);
        assertThat(((Inbound.Greeting) sent.get(1)).hello().receiverBoot()).isEqualTo(next.boot());
        assertThat(sent.stream().filter(Inbound.Request.class::isInstance)).hasSize(1);
        assertThat(sent.getLast())
                .isInstanceOfSatisfying(
                        Inbound.Statement.class,
                        ready ->
                                assertThat(ready.contribution().session())
                                        .isEqualTo(request.sessionId()));
        assertThat(sentTo(1, alice.receive(hello(next, Bytes.EMPTY, 2))))
                .as("named once")
                .hasOnlyElementsOfType(Inbound.Answered.class);
    }

    @Test
    void helloOfAProcessThatHasNotAnsweredDoesNotCount() {
        alice.handle(new EngineInput.PeerConnected(1));
        alice.receive(hello(signer(1), boot, 4));
        assertThat(greeted(1)).isFalse();
        answer(signer(1), 1);
        alice.receive(hello(signer(1), boot, 5));
        assertThat(greeted(1)).isTrue();
    }

    @Test
    void helloThatIsRepeatedOrOlderThanOneThatCountedDoesNotCount() {
        greetBoth();
        Bytes journal = Bytes.fromHex("0a".repeat(16));
        alice.receive(
                signer(1)
                        .greet(
                                Optional.empty(),
                                9,
                                alice.fixture.terms(1, GroupFixture.TERMS),
                                false,
                                journal,
                                boot));
        assertThat(alice.engine.memberStates().get(1).newJournal()).contains(journal);
        alice.receive(hello(signer(1), boot, 8));
        alice.receive(hello(signer(1), boot, 9));
        assertThat(alice.engine.memberStates().get(1).newJournal()).contains(journal);
        assertThat(dropped(1, DropReason.DUPLICATE)).isEqualTo(2);
        alice.receive(hello(signer(1), boot, 10));
        assertThat(alice.engine.memberStates().get(1).newJournal()).isEmpty();
    }

    @Test
    void nobodyIsReadyBeforeAllHaveSaidHelloToThisProcess() {
        answer(signer(1), challenged(1));
        alice.receive(hello(signer(1), boot, 2));
        SigningRequest request = alice.approvedRequest(1);
        assertThat(ownReady(request)).isFalse();
        // What the relay has kept of the time before.
        alice.receive(hello(signer(2), Bytes.fromHex("0e".repeat(16)), 2));
        assertThat(ownReady(request)).isFalse();
        answer(signer(2), challenged(2));
        alice.receive(hello(signer(2), boot, 3));
        assertThat(ownReady(request)).isTrue();
    }

    private boolean ownReady(SigningRequest request) {
        return alice.all.stream()
                .anyMatch(output ->
                        output instanceof EngineOutput.Emit(SessionEvent event)
                                && event instanceof SessionEvent.ReadySeen seen
                                && seen.member().equals(alice.self())
                                && seen.session().equals(request.sessionId()));
    }

    @Test
    void readyAndNoncesAreNotTakenFromAProcessWhoseHeadWouldNotBeRemembered() {
        SigningRequest request = alice.approvedRequest(1);
        alice.receive(alice.ready(1, request, 1));
        assertThat(dropped(1, DropReason.UNKNOWN_PROCESS)).isEqualTo(1);
        alice.receive(alice.nonces(1, request, 1));
        assertThat(dropped(1, DropReason.UNKNOWN_PROCESS)).isEqualTo(2);
        answer(signer(1), challenged(1));
        alice.receive(alice.ready(1, request, 1));
        assertThat(dropped(1, DropReason.UNKNOWN_PROCESS)).isEqualTo(2);
    }

    @Test
    void answerOfThePastThatARelayHasKeptBackMakesNoCopyOfAProcess() {
        EnvelopeSigner before = otherProcess(1, "b0".repeat(16));
        Inbound.Answered kept = before.answer(0, boot, challenged(1)); // It is started again.
        answer(signer(1), challenged(1));
        alice.receive(kept);
        answer(signer(1), challenged(1));
        assertThat(alice.engine.memberStates().get(1).copied()).isFalse();
    }

    @Test
    void twoProcessesThatAreBothThereAreFoundOverARelayToo() {
        EnvelopeSigner copy = otherProcess(1, "b0".repeat(16));
        answer(signer(1), challenged(1));
        answer(copy, challenged(1));
        answer(signer(1), challenged(1));
        assertThat(alice.engine.memberStates().get(1).copied()).isTrue();
    }
}
