package org.tutti.node.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.coordinator.approval.Judgement;
import org.tutti.coordinator.approval.RequestPolicy;
import org.tutti.coordinator.message.ElectionMethod;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.KeyOrder;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.RequestedMessage;
import org.tutti.coordinator.message.Statement;
import org.tutti.libp2p.identity.KeyType;
import org.tutti.libp2p.identity.Keys;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.keys.SecretKey;
import org.tutti.signing.approval.Hold;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class StrangersOnlyTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final PeerId PEER = Keys.generate(KeyType.ED25519, RANDOM).publicKey().peerId();
    private final PublicKey own = SecretKey.generate(RANDOM).publicKey();
    private final PublicKey member = SecretKey.generate(RANDOM).publicKey();
    private final PublicKey stranger = SecretKey.generate(RANDOM).publicKey();
    private final RequestPolicy willing =
            RequestPolicy.holdingNothing(
                    (_, _) -> new Judgement.Approved(List.of(), Hold.NONE, List.of()));

    private Invitation request(PublicKey... keys) {
        return new Invitation(
                new RequestId(Bytes.wrap(new byte[32])),
                new Statement.Header(
                        Bytes.wrap(new byte[32]), Optional.empty(), PEER, member, 0, Instant.MAX),
                List.of(keys),
                KeyOrder.AS_GIVEN,
                List.of(RequestedMessage.untweaked(Bytes.wrap(new byte[32]))),
                0,
                "",
                "",
                "",
                Optional.empty(),
                ElectionMethod.FIRST,
                0,
                Bytes.EMPTY);
    }

    @Test
    void whatAGroupSignsIsDecidedByItsOwnPolicyInWhicheverOrderItsKeysAreNamed() throws Exception {
        RequestPolicy policy = new StrangersOnly(willing, Set.of(own, member));
        for (Invitation request : List.of(request(own, member), request(member, own))) {
            for (Judgement judgement :
                    List.of(
                            policy.judge(request, Bytes.EMPTY),
                            policy.judgeBeforeSigning(request, Bytes.EMPTY))) {
                assertThat(judgement)
                        .isInstanceOfSatisfying(
                                Judgement.Refused.class,
                                refused ->
                                        assertThat(refused.code()).isEqualTo(StrangersOnly.CODE));
            }
        }
        for (Invitation request : List.of(request(own, stranger), request(own, member, stranger))) {
            assertThat(policy.judge(request, Bytes.EMPTY)).isInstanceOf(Judgement.Approved.class);
            assertThat(policy.judgeBeforeSigning(request, Bytes.EMPTY))
                    .isInstanceOf(Judgement.Approved.class);
        }
    }

    @Test
    void aNodeWithoutAGroupAsksItsPolicyAlone() throws Exception {
        assertThat(new StrangersOnly(willing, Set.of()).judge(request(own, member), Bytes.EMPTY))
                .isInstanceOf(Judgement.Approved.class);
    }
}
