package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SigningLimits;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A member whose hello came before this process took part in the group, or the other way round.
class LateHelloTest {
    private final OneEngine alice = new OneEngine();

    @AfterEach
    void close() {
        alice.close();
    }

    private Inbound.Greeting helloOfBob(boolean sayAgain) {
        return alice.fixture
                .owner(1)
                .envelopeSigner()
                .greet(
                        Optional.empty(),
                        1,
                        alice.fixture.terms(1, GroupFixture.TERMS),
                        sayAgain,
                        Bytes.EMPTY);
    }

    private <T extends Inbound> List<T> toBob(Class<T> kind, List<EngineOutput> outputs) {
        List<T> messages = new ArrayList<>();
        for (EngineOutput output : outputs) {
            if (output instanceof EngineOutput.Send(int to, Bytes envelope) && to == 1) {
                Inbound message = open(envelope);
                if (kind.isInstance(message)) {
                    messages.add(kind.cast(message));
                }
            }
        }
        return messages;
    }

    private Inbound open(Bytes envelope) {
        try {
            return new EnvelopeVerifier(GroupTable.of(alice.fixture.group), SigningLimits.DEFAULT)
                    .verify(envelope);
        } catch (WireException e) {
            throw new AssertionError(e);
        }
    }

    private List<Inbound.Greeting> hellosToBob(List<EngineOutput> outputs) {
        return toBob(Inbound.Greeting.class, outputs);
    }

    @Test
    void memberThatHasMissedTheHelloIsToldEverythingAgain() {
        alice.approvedRequest(1);
        assertThat(hellosToBob(alice.receive(helloOfBob(false)))).isEmpty();
        List<EngineOutput> outputs = alice.receive(helloOfBob(true));
        assertThat(hellosToBob(outputs))
                .singleElement()
                .matches(hello -> !hello.hello().sayAgain());
        assertThat(toBob(Inbound.Statement.class, outputs))
                .anyMatch(
                        statement -> statement.contribution().body() instanceof Contribution.Ready);
    }

    @Test
    void oneThatAsksAllTheTimeIsToldNotMoreThanOnceInAWhile() {
        assertThat(hellosToBob(alice.receive(helloOfBob(true)))).hasSize(1);
        assertThat(hellosToBob(alice.receive(helloOfBob(true)))).isEmpty();
        alice.tickAfter(UnheardMembers.SAID_AGAIN_PAUSE);
        assertThat(hellosToBob(alice.receive(helloOfBob(true)))).hasSize(1);
    }

    @Test
    void memberThatAnswersAndHasNotSaidHelloIsAskedForIt() {
        alice.restartAlone();
        List<EngineOutput> connected = alice.handle(new EngineInput.PeerConnected(1));
        Inbound.Greeting first = hellosToBob(connected).getFirst();
        assertThat(first.hello().sayAgain()).isFalse();
        assertThat(hellosToBob(alice.receive(answerOfBob(first)))).isEmpty();
        assertThat(hellosToBob(alice.tickAfter(UnheardMembers.FIRST_PAUSE)))
                .singleElement()
                .matches(hello -> hello.hello().sayAgain());
        alice.receive(helloOfBob(false));
        assertThat(hellosToBob(alice.tickAfter(UnheardMembers.FIRST_PAUSE.multipliedBy(2))))
                .isEmpty();
    }

    @Test
    void memberThatHasSaidHelloAndNotAnsweredIsChallengedAgain() {
        alice.restartAlone();
        alice.handle(new EngineInput.PeerConnected(1));
        // Bob had no stream to answer on, and says hello when he has.
        alice.receive(helloOfBob(false));
        Duration pause = UnheardMembers.FIRST_PAUSE;
        assertThat(hellosToBob(alice.tickAfter(pause.minusMillis(1)))).isEmpty();
        assertThat(hellosToBob(alice.tickAfter(Duration.ofMillis(1)))).hasSize(1);
        Inbound.Greeting again = hellosToBob(alice.tickAfter(pause.multipliedBy(2))).getFirst();
        assertThat(again.hello().sayAgain()).isFalse();
        alice.receive(answerOfBob(again));
        assertThat(hellosToBob(alice.tickAfter(pause.multipliedBy(100)))).isEmpty();
    }

    @Test
    void whoNeverAnswersIsChallengedSoManyTimesOnAStream() {
        alice.restartAlone();
        for (int stream = 0; stream < 2; stream++) {
            alice.handle(new EngineInput.PeerConnected(1));
            alice.receive(helloOfBob(false));
            int again = 0;
            for (int i = 0; i < 2 * UnheardMembers.MAX_ASKED; i++) {
                again += hellosToBob(alice.tickAfter(Duration.ofSeconds(16))).size();
            }
            assertThat(again).isEqualTo(UnheardMembers.MAX_ASKED);
        }
    }

    private Inbound.Answered answerOfBob(Inbound.Greeting greeting) {
        return alice.fixture
                .owner(1)
                .envelopeSigner()
                .answer(0, greeting.hello().boot(), greeting.hello().challenge());
    }

    @Test
    void oneThatNeverSaysHelloIsAskedSoManyTimes() {
        UnheardMembers unheard = new UnheardMembers();
        unheard.lacks(1, Instant.EPOCH);
        int asked = 0;
        for (Instant next = unheard.next(); !next.equals(Instant.MAX); next = unheard.next()) {
            assertThat(unheard.due(next.minusMillis(1))).isEmpty();
            assertThat(unheard.due(next)).containsExactly(1);
            unheard.lacks(1, next);
            asked++;
        }
        assertThat(asked).isEqualTo(UnheardMembers.MAX_ASKED);
        unheard.forget(1);
        unheard.lacks(1, Instant.EPOCH);
        assertThat(unheard.next()).isEqualTo(Instant.EPOCH.plus(UnheardMembers.FIRST_PAUSE));
    }
}
