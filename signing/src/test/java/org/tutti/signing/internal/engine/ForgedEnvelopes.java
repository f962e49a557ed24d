package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PrivateKey;
import org.tutti.libp2p.identity.SignedEnvelope;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.ContributionCodec;

import java.nio.charset.StandardCharsets;

/// Signed envelopes with content that an honest member would not send.
final class ForgedEnvelopes {
    private ForgedEnvelopes() {}

    static Bytes seal(PrivateKey key, Contribution contribution) {
        String type =
                "/tutti/sign/2/"
                        + contribution
                                .body()
                                .getClass()
                                .getSimpleName()
                                .toLowerCase(java.util.Locale.ROOT);
        return seal(key, type, ContributionCodec.encode(contribution));
    }

    static Bytes seal(PrivateKey key, String type, Bytes payload) {
        return SignedEnvelope.seal(
                        key,
                        type.endsWith("/request")
                                ? "tutti-sign-request"
                                : "tutti-sign-contribution",
                        Bytes.of(type.getBytes(StandardCharsets.US_ASCII)),
                        payload)
                .encode();
    }
}
