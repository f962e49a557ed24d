package org.tutti.node.keystore;

import org.tutti.base.Bytes;
import org.tutti.bitcoin.network.Network;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The second line of a signing key's file: the network that the key was made for.
///
/// @param name for people: the id alone decides
/// @param id [Network#id()], 32 bytes
record NetworkLine(String name, Bytes id) {
    private static final Pattern FORM =
            Pattern.compile("network ([a-z0-9-]{1,32}) ([0-9a-fA-F]{64})");

    static NetworkLine of(Network network) {
        return new NetworkLine(network.name(), network.id());
    }

    static Optional<NetworkLine> parse(String line) {
        Matcher matcher = FORM.matcher(line);
        return matcher.matches()
                ? Optional.of(new NetworkLine(matcher.group(1), Bytes.fromHex(matcher.group(2))))
                : Optional.empty();
    }

    String text() {
        return "network " + name + " " + id.toHex();
    }

    /// The network as the reader of a message knows it. Whoever edits the file can write any name
    /// before an id, so the name is the id's where the id is a known network's.
    String described() {
        return Network.all().stream()
                .filter(network -> network.id().equals(id))
                .findFirst()
                .map(Network::name)
                .orElse("a network that it calls " + name + ", with the id " + id.toHex());
    }
}
