package org.tutti.node.daemon;

import org.tutti.bitcoin.network.Network;
import org.tutti.node.config.NodeConfig;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;
import org.tutti.signing.approval.Hold;
import org.tutti.signing.group.Member;
import org.tutti.signing.request.SigningRequest;

/// Signs nothing on mainnet, until the configuration says that it may: this software has had no
/// audit, and a Bitcoin peer that is the only one can hide blocks.
final class MainnetApproval {
    private MainnetApproval() {}

    /// The approval of a node with this configuration.
    static Approval around(Approval approval, NodeConfig config) {
        boolean isMainnet = config.network().genesisHash().equals(Network.MAINNET.genesisHash());
        if (!isMainnet || config.allowMainnetSigning()) {
            return approval;
        }
        return new Approval() {
            @Override
            public Decision decide(SigningRequest request, Member requester) {
                return new Decision.Refused(
                        "MAINNET_NOT_ALLOWED",
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
