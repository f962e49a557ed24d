package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.KadResult;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.multiaddr.Multiaddr;

import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/// `./tutti p2p dht provide KEY`
@Command(
        name = "provide",
        mixinStandardHelpOptions = true,
        description = "Tell the peers nearest to a key that this peer provides it.")
final class DhtProvideCommand extends DhtClientCommand {
    @Parameters(paramLabel = "KEY", description = "A CID, or a multihash in base58btc.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String text;

    /// Nobody notes a provider without an address.
    @Override
    List<Multiaddr> defaultListen() {
        return List.of(Multiaddr.parse("/ip4/127.0.0.1/tcp/0"));
    }

    @Override
    Map<String, @Nullable Object> run(Kademlia node, PrivateKey identity) throws IOException {
        Bytes key = content(text);
        KadResult.Stored stored = node.provide(key);
        Map<String, @Nullable Object> fields = fields(stored);
        fields.put("key", key.toHex());
        fields.put("peerId", identity.publicKey().peerId());
        fields.put("told", stored.peers());
        return fields;
    }

    @Override
    String sentence(Map<String, @Nullable Object> fields) {
        return fields.get("told")
                + " peers were told that "
                + fields.get("peerId")
                + " provides it";
    }
}
