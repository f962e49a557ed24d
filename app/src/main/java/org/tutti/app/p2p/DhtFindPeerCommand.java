package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.KadPeer;
import org.tutti.libp2p.kad.KadResult;
import org.tutti.libp2p.kad.Kademlia;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.Map;

/// `./tutti p2p dht find-peer ID`
@Command(
        name = "find-peer",
        mixinStandardHelpOptions = true,
        description = "Find where a peer is reached, and see that it is there.")
final class DhtFindPeerCommand extends DhtClientCommand {
    @Parameters(
            paramLabel = "PEERID",
            converter = ListenCommand.PeerIdConverter.class,
            description = "Such as 12D3Koo…")
    @SuppressWarnings("NullAway.Init") // by picocli
    private PeerId wanted;

    @Override
    Map<String, @Nullable Object> run(Kademlia node, PrivateKey identity)
            throws IOException, Refused {
        KadResult.Peer result = node.findPeer(wanted);
        if (result.peer().isEmpty()) {
            throw new Refused("NOT_FOUND", "nobody knows where " + wanted + " is reached");
        }
        KadPeer found = result.peer().get();
        Map<String, @Nullable Object> fields = fields(result);
        fields.put("peerId", found.peer());
        fields.put("addresses", named(found));
        return fields;
    }

    @Override
    String sentence(Map<String, @Nullable Object> fields) {
        return fields.get("peerId") + " " + fields.get("addresses");
    }
}
