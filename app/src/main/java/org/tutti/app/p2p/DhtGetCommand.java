package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.kad.KadResult;
import org.tutti.libp2p.kad.Kademlia;
import org.tutti.libp2p.kad.record.InvalidRecordException;
import org.tutti.libp2p.kad.record.RecordValidators;
import org.tutti.libp2p.kad.record.SignedRecord;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

import java.io.IOException;
import java.util.Base64;
import java.util.Map;

/// `./tutti p2p dht get KEY`
@Command(
        name = "get",
        mixinStandardHelpOptions = true,
        description = {
            "Get the best value under a key.",
            "A signed record is that of the identity, unless --author names another or --key-hex the key;"
                    + " what is printed is the value in it."
        })
final class DhtGetCommand extends DhtClientCommand {
    @Parameters(
            paramLabel = "KEY",
            arity = "0..1",
            description = "/NAMESPACE/NAME, and left out with --key-hex.")
    private @Nullable String text;

    @Option(names = "--key-hex", paramLabel = "HEX", description = "The bytes of the key.")
    private @Nullable String keyHex;

    @Option(
            names = "--author",
            paramLabel = "PEERID",
            converter = ListenCommand.PeerIdConverter.class,
            description = "Whose signed record (default: the identity's).")
    private @Nullable PeerId author;

    @Option(
            names = "--quorum",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "After how many valid answers it is enough; 0 for all of the nearest peers"
                            + " (default: ${DEFAULT-VALUE}).")
    private int quorum;

    @Override
    Map<String, @Nullable Object> run(Kademlia node, PrivateKey identity)
            throws IOException, InvalidRecordException, Refused {
        require((text == null) != (keyHex == null), "give KEY or --key-hex");
        require(quorum >= 0, "--quorum cannot be negative");
        Bytes key = key(identity);
        KadResult.Value found = node.get(key, quorum);
        if (found.value().isEmpty()) {
            throw new Refused("NOT_FOUND", "nobody has a value under this key");
        }
        Map<String, @Nullable Object> fields = fields(found);
        fields.put("key", key.toHex());
        Bytes value = found.value().get();
        if (dht.isSigned(RecordValidators.namespaceOf(key))) {
            SignedRecord record = SignedRecord.open(value);
            if (record.value().isEmpty()) {
                throw new Refused("NOT_FOUND", "its author took the record back");
            }
            fields.put("value", base64(record.value().get()));
            fields.put("record", base64(value));
            fields.put("author", record.author());
            fields.put("sequence", record.sequence());
            fields.put("expires", record.expires().toString());
        } else {
            fields.put("value", base64(value));
        }
        return fields;
    }

    private Bytes key(PrivateKey identity) throws InvalidRecordException {
        if (keyHex != null) {
            return hex(keyHex);
        }
        PeerId whose = author == null ? identity.publicKey().peerId() : author;
        return DhtKey.ofValue(dht, text == null ? "" : text, whose);
    }

    static String base64(Bytes value) {
        return Base64.getEncoder().encodeToString(value.toArray());
    }

    @Override
    String sentence(Map<String, @Nullable Object> fields) {
        return String.valueOf(fields.get("value"));
    }
}
