package org.tutti.app.demo;

import org.jspecify.annotations.Nullable;
import org.tutti.node.json.JsonObject;

import java.util.LinkedHashMap;
import java.util.Map;

/// The result of a demo that succeeded in every node.
///
/// @param group node-1's `started`
/// @param confirmed node-1's `confirmed`
record DemoResult(int signers, JsonObject group, Signatures signatures, JsonObject confirmed) {
    /// The last JSON line.
    Map<String, @Nullable Object> fields() {
        JsonObject signed = signatures.event();
        Map<String, @Nullable Object> done = new LinkedHashMap<>();
        done.put("event", "done");
        done.put("ok", true);
        done.put("signers", signers);
        done.put("network", group.fields().get("network"));
        done.put("internalKey", group.fields().get("internalKey"));
        done.put("outputKey", group.fields().get("outputKey"));
        done.put("address", group.fields().get("address"));
        done.put("prevouts", signed.fields().get("prevouts"));
        done.put("rawTx", signed.fields().get("rawTx"));
        done.put("txid", signed.fields().get("txid"));
        done.put("inputs", signed.fields().get("inputs"));
        done.put("announceToSignatureMillis", signatures.announceToSignatureMillis());
        done.put("confirmations", confirmed.fields().get("confirmations"));
        done.put("blockHash", confirmed.fields().get("blockHash"));
        return done;
    }

    /// The last line for people.
    String text() {
        return "%nSigned by %d, announce to signature %.1f ms, confirmed in block %s%ntxid %s"
                .formatted(
                        signers,
                        signatures.announceToSignatureMillis(),
                        confirmed.text("blockHash").orElse("?"),
                        signatures.event().text("txid").orElse("?"));
    }
}
