package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.List;

class EarlyStatementsTest {
    private final OneEngine alice = new OneEngine();
    private final EarlyStatements early = new EarlyStatements(3, 8); // two sessions of a member

    @AfterEach
    void close() {
        alice.close();
    }

    private Statement refusal(int signer, SessionId session) {
        return alice.sign(signer, session, 1, new Contribution.Refuse("NO", "no"));
    }

    private SessionId session() {
        return new SessionId(alice.fixture.random(32));
    }

    @Test
    void statementsAreTakenOnceInTheOrderOfTheMembers() {
        SigningRequest request = alice.fixture.request(1, 1);
        Statement carols = alice.ready(2, request, 1);
        Statement bobs = refusal(1, request.sessionId());
        assertThat(early.keep(carols)).isTrue();
        assertThat(early.keep(bobs)).isTrue();
        assertThat(early.take(request.sessionId())).containsExactly(bobs, carols);
        assertThat(early.take(request.sessionId())).isEmpty();
    }

    @Test
    void largeMessagesAreNotKept() {
        SessionId id = session();
        for (Contribution.Body body :
                List.of(
                        new Contribution.Nonces(List.of(), OneEngine.head(1)),
                        new Contribution.Partials(List.of(), OneEngine.NO_HASH),
                        new Contribution.NonceSet(List.of(), List.of()),
                        new Contribution.Final(List.of()),
                        new Contribution.RetransmissionRequest(
                                Contribution.Phase.READY, List.of()))) {
            assertThat(early.keep(alice.sign(1, id, 1, body))).isFalse();
        }
        assertThat(early.sessionsOf(1)).isZero();
    }

    @Test
    void abortWithLargeProofsIsNotKept() {
        Bytes proof = Bytes.wrap(new byte[EarlyStatements.MAX_BYTES]);
        assertThat(
                        early.keep(
                                alice.sign(
                                        1,
                                        session(),
                                        1,
                                        new Contribution.Abort(
                                                "X", List.of(2), "it was she", List.of(proof)))))
                .isFalse();
        assertThat(early.sessionsOf(1)).isZero();
    }

    @Test
    void statementsOfOneSessionAreBounded() {
        SessionId id = session();
        for (int i = 0; i < 4; i++) {
            assertThat(early.keep(refusal(1, id))).isTrue();
        }
        assertThat(early.keep(refusal(1, id))).isFalse();
        assertThat(early.keep(refusal(2, id))).as("another member").isTrue();
    }

    @Test
    void oldestSessionOfAMemberIsEvicted() {
        SessionId first = session();
        SessionId second = session();
        SessionId third = session();
        early.keep(refusal(1, first));
        early.keep(refusal(2, first));
        early.keep(refusal(1, second));
        early.keep(refusal(1, third));
        assertThat(early.sessionsOf(1)).isEqualTo(2);
        assertThat(early.take(first)).as("only carol's").hasSize(1);
        assertThat(early.take(second)).hasSize(1);
        assertThat(early.take(third)).hasSize(1);
    }

    @Test
    void messageOfExactlyTheBoundIsKept() {
        SessionId id = session();
        int overhead = abort(id, 3_000).envelope().length() - 3_000;
        int most = EarlyStatements.MAX_BYTES - overhead;
        assertThat(abort(id, most).envelope().length()).isEqualTo(EarlyStatements.MAX_BYTES);
        assertThat(early.keep(abort(id, most + 1))).isFalse();
        assertThat(early.keep(abort(id, most))).isTrue();
    }

    private Statement abort(SessionId id, int proof) {
        return alice.sign(
                1,
                id,
                1,
                new Contribution.Abort("X", List.of(2), "", List.of(Bytes.wrap(new byte[proof]))));
    }
}
