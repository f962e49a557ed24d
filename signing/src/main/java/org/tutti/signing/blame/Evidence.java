package org.tutti.signing.blame;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.pb.EvidencePb;

import java.util.List;
import java.util.Optional;

/// Signed messages that together prove the fault of one signer to a third party (SAFETY 11). It
/// contains no statement of the accuser: [#verify] needs nothing but the file.
///
/// @param culprit index in the request's keys
/// @param request the request's envelope, which has the keys and messages
/// @param attestingReady the culprit's Ready, with the attestation of its peer id by its signing
///   key
/// @param nonces all Nonces envelopes of the attempt in signer order, for `BAD_PARTIAL` only
/// @param proof the one or two envelopes that prove the fault
public record Evidence(
        Kind kind,
        int culprit,
        Bytes request,
        Bytes attestingReady,
        List<Bytes> nonces,
        List<Bytes> proof) {
    /// Version of the file.
    static final int VERSION = 2;

    /// Largest file that is read.
    public static final int MAX_BYTES = 8 << 20;

    /// What is proven.
    public enum Kind {
        /// Two different messages of one process of a signer for one session, attempt and phase.
        EQUIVOCATION,
        /// A partial signature that does not verify under the nonces that its author named.
        BAD_PARTIAL,
        /// A nonce that is not a point, a partial signature that is not a scalar, or a wrong number
        /// of either.
        BAD_CONTRIBUTION,
        /// A nonce set with messages that do not belong in it, or another one than its author
        /// signed for.
        BAD_VIEW
    }

    public Evidence {
        nonces = List.copyOf(nonces);
        proof = List.copyOf(proof);
    }

    /// Checks a file as `tutti evidence verify` does, offline.
    public static Verdict verify(Bytes file) {
        return decode(file)
                .map(EvidenceCheck::verify)
                .orElseGet(() -> new Verdict.NotProven("not an evidence file"));
    }

    public Bytes encode() {
        return Bytes.wrap(
                EvidencePb.newBuilder()
                        .setVersion(VERSION)
                        .setKind(
                                switch (kind) {
                                    case EQUIVOCATION -> EvidencePb.Kind.EVIDENCE_EQUIVOCATION;
                                    case BAD_PARTIAL -> EvidencePb.Kind.EVIDENCE_BAD_PARTIAL;
                                    case BAD_CONTRIBUTION ->
                                            EvidencePb.Kind.EVIDENCE_BAD_CONTRIBUTION;
                                    case BAD_VIEW -> EvidencePb.Kind.EVIDENCE_BAD_VIEW;
                                })
                        .setCulprit(culprit)
                        .setRequest(ProtobufBytes.toProtobuf(request))
                        .setAttestingReady(ProtobufBytes.toProtobuf(attestingReady))
                        .addAllNonces(ProtobufBytes.listToProtobuf(nonces))
                        .addAllProof(ProtobufBytes.listToProtobuf(proof))
                        .build()
                        .toByteArray());
    }

    /// Empty if the bytes are not evidence of this version.
    public static Optional<Evidence> decode(Bytes file) {
        if (file.length() > MAX_BYTES) {
            return Optional.empty();
        }
        try {
            EvidencePb pb = EvidencePb.parseFrom(file.toArray());
            Kind kind =
                    switch (pb.getKind()) {
                        case EVIDENCE_EQUIVOCATION -> Kind.EQUIVOCATION;
                        case EVIDENCE_BAD_PARTIAL -> Kind.BAD_PARTIAL;
                        case EVIDENCE_BAD_CONTRIBUTION -> Kind.BAD_CONTRIBUTION;
                        case EVIDENCE_BAD_VIEW -> Kind.BAD_VIEW;
                        case EVIDENCE_UNSPECIFIED, UNRECOGNIZED -> null;
                    };
            if (kind == null || pb.getVersion() != VERSION || pb.getCulprit() < 0) {
                return Optional.empty();
            }
            return Optional.of(
                    new Evidence(
                            kind,
                            pb.getCulprit(),
                            ProtobufBytes.fromProtobuf(pb.getRequest()),
                            ProtobufBytes.fromProtobuf(pb.getAttestingReady()),
                            ProtobufBytes.listFromProtobuf(pb.getNoncesList()),
                            ProtobufBytes.listFromProtobuf(pb.getProofList())));
        } catch (InvalidProtocolBufferException _) {
            return Optional.empty();
        }
    }
}
