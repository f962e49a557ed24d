package org.tutti.wallet.policy;

import org.tutti.bitcoin.network.Network;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;

/// Signs nothing on mainnet, until the configuration says that it may: this software has had no
/// audit, and a Bitcoin peer that is the only one can hide blocks.
public final class MainnetApproval {
    private MainnetApproval() {}

    /// The approval of a signer on this network.
    ///
    /// @param allowed whether its operator allows it to sign on mainnet
    public static Approval around(Approval approval, Network network, boolean allowed) {
        boolean isMainnet = network.genesisHash().equals(Network.MAINNET.genesisHash());
        if (!isMainnet || allowed) {
            return approval;
        }
        return new Approval() {
            @Override
            public Decision decide(SigningRequest request, Member requester) {
                return new Decision.Refused(
                        RefusalCode.MAINNET_NOT_ALLOWED.name(),
                        "this signer does not sign on mainnet: its configuration does not say"
                                + " allow_mainnet_signing = true");
            }

            // It may have signed when its configuration was another.
            @Override
            public Hold holdOf(SigningRequest request) {
                return approval.holdOf(request);
            }
        };
    }
}
