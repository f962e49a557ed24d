package org.tutti.wallet.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;

import java.util.List;
import java.util.Set;

class MainnetApprovalTest {
    private static final Hold HELD = new Hold(Set.of(Bytes.fromHex("c0")), Bytes.EMPTY);
    private static final Approval YES =
            new Approval() {
                @Override
                public Decision decide(SigningRequest request, Member requester) {
                    return new Decision.Approved(List.of());
                }

                @Override
                public Hold holdOf(SigningRequest request) {
                    return HELD;
                }
            };

    @Test
    @SuppressWarnings("NullAway") // Neither argument is looked at.
    void onMainnetNothingIsSignedUntilTheConfigurationAllowsIt() throws InterruptedException {
        Decision decision = MainnetApproval.around(YES, Network.MAINNET, false).decide(null, null);
        assertThat(decision)
                .isInstanceOfSatisfying(
                        Decision.Refused.class,
                        refused -> assertThat(refused.code()).isEqualTo("MAINNET_NOT_ALLOWED"));
        assertThat(MainnetApproval.around(YES, Network.MAINNET, false).holdOf(null))
                .as("what it has signed before is held, after a lost journal too")
                .isEqualTo(HELD);
        assertThat(MainnetApproval.around(YES, Network.MAINNET, true)).isSameAs(YES);
        for (Network network : Network.all()) {
            if (!network.equals(Network.MAINNET)) {
                assertThat(MainnetApproval.around(YES, network, false)).isSameAs(YES);
            }
        }
    }
}
