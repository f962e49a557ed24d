package org.tutti.node.daemon;

import org.tutti.bitcoin.network.Network;
import org.tutti.node.config.NodeConfig;
import org.tutti.signing.approval.Approval;
import org.tutti.signing.approval.Decision;

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
        return (_, _) ->
                new Decision.Refused(
                        "MAINNET_NOT_ALLOWED",
                        "this signer does not sign on mainnet: its configuration does not say"
                                + " allow_mainnet_signing = true");
    }
}
