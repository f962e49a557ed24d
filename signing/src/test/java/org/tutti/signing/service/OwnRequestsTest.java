package org.tutti.signing.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.group.GroupException;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.request.KeyTweak;
import org.tutti.signing.request.MessageToSign;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.request.SigningRequestDraft;
import org.tutti.signing.session.SessionOutcome;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

class OwnRequestsTest {
    private static final SigningLimits LIMITS = SigningLimits.DEFAULT;
    private static final SigningLimits.Requests MOST = LIMITS.requests();
    private static final MessageToSign MESSAGE =
            new MessageToSign(Bytes.wrap(new byte[32]), KeyTweak.none());
    private final SecureRandom random = new SecureRandom();
    private final SignerGroup group = group();
    private final OwnRequests requests = new OwnRequests(group, group.member(0), LIMITS, random);

    private SignerGroup group() {
        List<SignerGroup.Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            candidates.add(
                    new SignerGroup.Candidate(
                            Keys.generate(KeyType.ED25519, random).publicKey().peerId(),
                            SecretKey.generate(random).publicKey(),
                            List.of()));
        }
        try {
            return SignerGroup.of(GroupFixture.NETWORK, 1, candidates);
        } catch (GroupException e) {
            throw new AssertionError(e);
        }
    }

    private static SigningRequestDraft draft(
            int messages, int purpose, int context, int key, Duration lifetime) {
        return new SigningRequestDraft(
                Collections.nCopies(messages, MESSAGE),
                "p".repeat(purpose),
                Bytes.wrap(new byte[context]),
                Bytes.wrap(new byte[key]),
                lifetime);
    }

    private static SigningRequestDraft small() {
        return draft(1, 1, 0, 0, Duration.ofSeconds(1));
    }

    @Test
    void aDraftMayReachEveryLimitAndExceedNone() {
        int keyBytes = SigningRequestDraft.MAX_KEY_BYTES;
        Duration longest = MOST.lifetime();
        SigningRequestDraft largest =
                draft(MOST.messages(), MOST.purposeChars(), MOST.contextBytes(), keyBytes, longest);
        assertThatCode(() -> requests.requireWithinLimits(largest)).doesNotThrowAnyException();
        Duration one = Duration.ofSeconds(1);
        for (SigningRequestDraft bad :
                List.of(
                        draft(0, 1, 0, 0, one),
                        draft(MOST.messages() + 1, 1, 0, 0, one),
                        draft(1, MOST.purposeChars() + 1, 0, 0, one),
                        draft(1, 1, MOST.contextBytes() + 1, 0, one),
                        draft(1, 1, 0, keyBytes + 1, one),
                        draft(1, 1, 0, 0, longest.plusNanos(1)),
                        draft(1, 1, 0, 0, Duration.ZERO))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> requests.requireWithinLimits(bad))
                    .withMessageContaining("exceeds a limit");
        }
    }

    @Test
    void equalDraftsAreDifferentSessions() {
        SessionHandle one = requests.add(small(), Instant.EPOCH);
        SessionHandle other = requests.add(small(), Instant.EPOCH);
        assertThat(one.request().salt()).isNotEqualTo(other.request().salt());
        assertThat(one.request().sessionId()).isNotEqualTo(other.request().sessionId());
    }

    @Test
    void asManyAsTheBoundArePendingAndAnEndMakesRoom() {
        List<SessionHandle> handles = new ArrayList<>();
        for (int i = 0; i < 2 * LIMITS.live().sessions(); i++) {
            handles.add(requests.add(small(), Instant.EPOCH));
        }
        assertThatIllegalStateException()
                .isThrownBy(() -> requests.add(small(), Instant.EPOCH))
                .withMessageContaining("too many");
        SessionHandle first = handles.getFirst();
        assertThat(first.outcome()).isEmpty();
        SessionOutcome end = new SessionOutcome.Signed(first.request().sessionId(), List.of());
        assertThat(end.partialsLeft()).isTrue();
        requests.finish(end);
        requests.finish(end);
        assertThat(first.outcome()).contains(end);
        requests.add(small(), Instant.EPOCH);
        assertThatIllegalStateException().isThrownBy(() -> requests.add(small(), Instant.EPOCH));
    }

    @Test
    void whoJoinsTakesNoRoomAndMakesNone() {
        SigningRequest before = requests.add(small(), Instant.EPOCH).request();
        requests.finish(new SessionOutcome.Signed(before.sessionId(), List.of()));
        for (int i = 0; i < 2 * LIMITS.live().sessions(); i++) {
            requests.add(small(), Instant.EPOCH);
        }
        SessionHandle joined = requests.join(before);
        SessionHandle again = requests.join(before);
        SessionOutcome end = new SessionOutcome.Signed(before.sessionId(), List.of());
        requests.finish(end);
        assertThat(joined.outcome()).contains(end);
        assertThat(again.outcome()).contains(end);
        assertThatIllegalStateException().isThrownBy(() -> requests.add(small(), Instant.EPOCH));
    }

    @Test
    void whoWaitsWhenNoneAreTakenAnyMoreIsRefused() {
        SessionHandle waiting = requests.add(small(), Instant.EPOCH);
        requests.close("GROUP_DROPPED");
        assertThat(waiting.outcome())
                .hasValueSatisfying(outcome ->
                        assertThat(outcome)
                                .isInstanceOfSatisfying(
                                        SessionOutcome.Refused.class,
                                        refused ->
                                                assertThat(refused.code())
                                                        .isEqualTo("GROUP_DROPPED")));
        assertThatIllegalStateException()
                .isThrownBy(() -> requests.add(small(), Instant.EPOCH))
                .withMessageContaining("GROUP_DROPPED");
    }
}
