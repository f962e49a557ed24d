package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
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
import java.util.List;
import java.util.Map;

/// `./tutti p2p dht put KEY VALUE`
@Command(
        name = "put",
        mixinStandardHelpOptions = true,
        description = {
            "Have the peers nearest to a key keep a value.",
            "In a namespace of signed records the value is signed by the identity, and lives for 48 hours;"
                    + " the key is then one that nobody else can fill."
        })
final class DhtPutCommand extends DhtClientCommand {
    @Parameters(
            paramLabel = "KEY VALUE",
            arity = "1..2",
            description = "KEY is /NAMESPACE/NAME, and left out with --key-hex.")
    @SuppressWarnings("NullAway.Init") // by picocli
    private List<String> parameters;

    @Option(
            names = "--key-hex",
            paramLabel = "HEX",
            description = "The bytes of the key. The value is put as it is, and not signed.")
    private @Nullable String keyHex;

    @Option(names = "--base64", description = "VALUE is base64.")
    private boolean base64;

    @Override
    Map<String, @Nullable Object> run(Kademlia node, PrivateKey identity)
            throws IOException, InvalidRecordException {
        require(
                parameters.size() == (keyHex == null ? 2 : 1),
                "give KEY and VALUE, or --key-hex and VALUE");
        Bytes value = value(parameters.getLast());
        Bytes key;
        Bytes put;
        if (keyHex != null) {
            key = hex(keyHex);
            put = value;
        } else {
            String text = parameters.getFirst();
            key = DhtKey.ofValue(dht, text, identity.publicKey().peerId());
            String namespace = RecordValidators.namespaceOf(DhtOptions.bytes(text));
            put =
                    dht.isSigned(namespace)
                            ? record(namespace, DhtKey.name(text), identity, value).seal(identity)
                            : value;
        }
        KadResult.Stored stored = node.put(key, put);
        Map<String, @Nullable Object> fields = fields(stored);
        fields.put("key", key.toHex());
        fields.put("stored", stored.peers());
        return fields;
    }

    private SignedRecord record(String namespace, Bytes name, PrivateKey identity, Bytes value)
            throws IOException, InvalidRecordException {
        try {
            return SignedRecord.of(
                    dht.networkBytes(),
                    namespace,
                    identity.publicKey().peerId(),
                    name,
                    peer.nextSequence(),
                    SignedRecord.MAX_LIFETIME,
                    value);
        } catch (IllegalArgumentException e) {
            throw new InvalidRecordException(
                    InvalidRecordException.Code.TOO_LARGE, String.valueOf(e.getMessage()));
        }
    }

    private Bytes value(String text) {
        if (!base64) {
            return DhtOptions.bytes(text);
        }
        try {
            return Bytes.wrap(Base64.getDecoder().decode(text));
        } catch (IllegalArgumentException e) {
            require(false, "VALUE is not base64: " + e.getMessage());
            throw e;
        }
    }

    @Override
    String sentence(Map<String, @Nullable Object> fields) {
        return fields.get("stored") + " peers keep it under " + fields.get("key");
    }
}
