package org.tutti.app.chain;

import org.tutti.app.exit.CommandFailed;
import org.tutti.app.exit.ExitCodes;
import org.tutti.lightclient.peers.PeerAddress;
import org.tutti.lightclient.sync.LightClient;

import java.util.ArrayList;
import java.util.List;

/// Which peers a command speaks to.
final class PeerOptions {
    private PeerOptions() {}

    /// @throws CommandFailed if one is none, or there are too many
    static List<PeerAddress> addresses(List<String> peers) {
        List<PeerAddress> addresses = new ArrayList<>();
        for (String peer : peers) {
            try {
                addresses.add(PeerAddress.parse(peer));
            } catch (IllegalArgumentException e) {
                throw new CommandFailed("USAGE", ExitCodes.USAGE, "--peer: " + e.getMessage(), e);
            }
        }
        if (addresses.size() > LightClient.MAX_PEERS) {
            throw ChainOptions.usage("--peer: at most " + LightClient.MAX_PEERS);
        }
        return addresses;
    }
}
