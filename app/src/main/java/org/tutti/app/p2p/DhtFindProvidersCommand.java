package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.KadPeer;
import org.tutti.libp2p.kad.KadResult;
import org.tutti.libp2p.kad.Kademlia;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// `./tutti p2p dht find-providers KEY`
@Command(
        name = "find-providers",
        mixinStandardHelpOptions = true,
        description = "Find who provides a key. What is found is what peers say; nobody proves it.")
final class DhtFindProvidersCommand extends DhtClientCommand {
    @Parameters(paramLabel = "KEY", description = "A CID, or a multihash in base58btc.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private String text;

    @Option(
            names = "--max",
            paramLabel = "N",
            defaultValue = "20",
            description = "After how many it is enough, 1 to 64 (default: ${DEFAULT-VALUE}).")
    private int max;

    @Override
    Map<String, @Nullable Object> run(Kademlia node, PrivateKey identity) throws IOException {
        require(max >= 1 && max <= Kademlia.MAX_PROVIDERS, "--max: 1 to 64");
        Bytes key = content(text);
        KadResult.Providers found = node.findProviders(key, max);
        Map<String, @Nullable Object> fields = fields(found);
        fields.put("key", key.toHex());
        List<Map<String, @Nullable Object>> providers = new ArrayList<>();
        for (KadPeer provider : found.providers()) {
            Map<String, @Nullable Object> one = PeerOptions.fields();
            one.put("peerId", provider.peer());
            one.put("addresses", named(provider));
            providers.add(one);
        }
        fields.put("providers", providers);
        return fields;
    }

    @Override
    String sentence(Map<String, @Nullable Object> fields) {
        return String.valueOf(fields.get("providers"));
    }
}
