package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.host.Host;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.Connection;

import picocli.CommandLine.Command;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// `./tutti p2p identify <multiaddr>`
@Command(
        name = "identify",
        mixinStandardHelpOptions = true,
        description = "Connect to a libp2p peer and print what it says of itself.")
final class IdentifyCommand extends ClientCommand {
    @Override
    Result run(Host host, Connection connection) throws IOException {
        PeerInfo info = host.awaitIdentified(connection, timeout());
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        Identities.describe(fields, info);
        String keyType = connection.remoteKey().type().name().toLowerCase(Locale.ROOT);
        String observed = info.observedAddress().map(Object::toString).orElse(null);
        fields.put("keyType", keyType);
        fields.put("observedAddress", observed);
        fields.put("certifiedAddresses", info.certifiedAddresses());
        List<String> lines =
                List.of(
                        info.peer() + " (" + keyType + ")",
                        "  agent      " + info.agentVersion(),
                        "  version    " + info.protocolVersion(),
                        "  sees us at " + (observed == null ? "(does not say)" : observed),
                        "  listens on " + join(Identities.texts(info.listenAddresses())),
                        "  speaks     " + join(info.protocols()));
        return new Result(fields, String.join(System.lineSeparator(), lines));
    }

    private static String join(List<String> parts) {
        return String.join(" ", parts);
    }
}
