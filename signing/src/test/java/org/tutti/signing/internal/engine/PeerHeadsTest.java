package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.request.SigningRequest;

import java.util.Collections;
import java.util.List;

class PeerHeadsTest {
    private final OneEngine alice = new OneEngine();
    private final PeerHeads heads = new PeerHeads(3);
    private final SigningRequest request = alice.fixture.request(1, 1);

    @AfterEach
    void close() {
        alice.close();
    }

    @Test
    void statementWithTheHighestHeadOfEachMemberIsKept() {
        Statement five = alice.ready(1, request, 1, OneEngine.head(5));
        Statement ofCarol = alice.ready(2, request, 1, OneEngine.head(7));
        heads.observe(five);
        heads.observe(alice.ready(1, request, 2, OneEngine.head(3)));
        heads.observe(alice.ready(1, request, 3, OneEngine.head(5)));
        heads.observe(ofCarol);
        assertThat(heads.highest(1)).contains(five);
        assertThat(heads.highest(2)).contains(ofCarol);
        assertThat(heads.highest(0)).isEmpty();
        Statement six = alice.ready(1, request, 4, OneEngine.head(6));
        heads.observe(six);
        assertThat(heads.highest(1)).contains(six);
    }

    @Test
    void whatAHelloCannotCarryIsNotRemembered() {
        List<Bytes> many = Collections.nCopies(1_000, Bytes.wrap(new byte[66]));
        heads.observe(
                alice.sign(
                        1,
                        request.sessionId(),
                        1,
                        new Contribution.Nonces(many, OneEngine.head(9))));
        assertThat(heads.highest(1)).isEmpty();
    }

    @Test
    void messagesWithoutAHeadAreIgnored() {
        heads.observe(alice.sign(1, request.sessionId(), 1, new Contribution.Refuse("NO", "no")));
        assertThat(heads.highest(1)).isEmpty();
    }
}
