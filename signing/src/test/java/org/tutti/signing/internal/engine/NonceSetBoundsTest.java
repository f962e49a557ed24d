package org.tutti.signing.internal.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.session.DropReason;

import java.util.Collections;
import java.util.List;

/// A nonce set is as large as the nonces of its session, and all that wait have a bound together.
class NonceSetBoundsTest {
    private static final int ENVELOPE = 320 + 68;

    private final OneEngine alice =
            new OneEngine(
                    new GroupFixture(3, 1234),
                    SigningLimits.DEFAULT.with(
                            new SigningLimits.Live(256, 128, 2 << 20, 4 * ENVELOPE)));

    @AfterEach
    void close() {
        alice.close();
    }

    private SigningRequest inNonces() {
        SigningRequest request = alice.approvedRequest(1);
        alice.toNonces(request);
        return request;
    }

    private void receive(int signer, SigningRequest request, int bytesEach) {
        List<Bytes> envelopes = Collections.nCopies(3, Bytes.wrap(new byte[bytesEach]));
        alice.receive(
                alice.sign(
                        signer,
                        request.sessionId(),
                        1,
                        new Contribution.NonceSet(envelopes, List.of())));
    }

    private long dropped(int signer, DropReason reason) {
        return alice.engine.dropped(alice.member(signer), reason);
    }

    @Test
    void nonceSetWithLargerEnvelopesThanTheSessionHasIsDropped() {
        SigningRequest request = inNonces();
        receive(1, request, ENVELOPE + 1);
        assertThat(dropped(1, DropReason.OVERSIZE)).isEqualTo(1);
        receive(1, request, ENVELOPE);
        assertThat(dropped(1, DropReason.OVERSIZE)).isEqualTo(1);
        receive(1, request, ENVELOPE);
        assertThat(dropped(1, DropReason.DUPLICATE)).isEqualTo(1);
    }

    @Test
    void nonceSetsOfAllSessionsHaveOneBoundAndEndedSessionsFreeIt() {
        SigningRequest first = inNonces();
        SigningRequest second = inNonces();
        receive(1, first, ENVELOPE);
        receive(1, second, ENVELOPE);
        receive(2, first, ENVELOPE);
        assertThat(dropped(1, DropReason.OVERSIZE)).isEqualTo(1);
        assertThat(dropped(2, DropReason.OVERSIZE)).isEqualTo(1);
        alice.receive(alice.sign(2, first.sessionId(), 1, new Contribution.Refuse("NO", "no")));
        receive(1, second, ENVELOPE);
        assertThat(dropped(1, DropReason.OVERSIZE)).isEqualTo(1);
    }

    @Test
    void asManyBytesAsTheBoundMayWait() {
        SigningRequest request = inNonces();
        Bytes empty = nonceSet(1, request).envelope();
        for (int missing : new int[] {0, 1}) {
            try (OneEngine other =
                    new OneEngine(
                            new GroupFixture(3, 1234),
                            SigningLimits.DEFAULT.with(
                                    new SigningLimits.Live(
                                            256, 128, 2 << 20, empty.length() - missing)))) {
                SigningRequest again = other.approvedRequest(1);
                other.toNonces(again);
                other.receive(
                        other.sign(
                                1,
                                again.sessionId(),
                                1,
                                new Contribution.NonceSet(List.of(), List.of())));
                assertThat(other.engine.dropped(other.member(1), DropReason.OVERSIZE))
                        .isEqualTo(missing);
            }
        }
    }

    private Inbound.Statement nonceSet(int signer, SigningRequest request) {
        return alice.sign(
                signer, request.sessionId(), 1, new Contribution.NonceSet(List.of(), List.of()));
    }
}
