package org.tutti.signing.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.base.PlainText;
import org.tutti.libp2p.protobuf.ProtobufBytes;
import org.tutti.signing.journal.JournalHeadCodec;
import org.tutti.signing.pb.AbortPb;
import org.tutti.signing.pb.AttestationPb;
import org.tutti.signing.pb.ContributionPb;
import org.tutti.signing.pb.FinalPb;
import org.tutti.signing.pb.NonceSetPb;
import org.tutti.signing.pb.NoncesPb;
import org.tutti.signing.pb.PartialsPb;
import org.tutti.signing.pb.ReadyPb;
import org.tutti.signing.pb.RefusePb;
import org.tutti.signing.pb.RetransmissionRequestPb;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.session.DropReason;

/// Contributions as protobuf.
public final class ContributionCodec {
    /// Longest code in a Refuse or Abort, in characters.
    public static final int MAX_CODE = 64;

    /// Longest reason in a Refuse or Abort, in characters.
    public static final int MAX_REASON = 512;

    private ContributionCodec() {}

    public static Bytes encode(Contribution contribution) {
        ContributionPb.Builder pb =
                ContributionPb.newBuilder()
                        .setVersion(RequestCodec.VERSION)
                        .setGroup(ProtobufBytes.toProtobuf(contribution.group()))
                        .setBoot(ProtobufBytes.toProtobuf(contribution.boot()))
                        .setSession(ProtobufBytes.toProtobuf(contribution.session().bytes()))
                        .setAttempt(contribution.attempt())
                        .setSigner(contribution.signer());
        switch (contribution.body()) {
            case Contribution.Ready ready ->
                    pb.setReady(
                            ReadyPb.newBuilder()
                                    .setAttestation(encode(ready.attestation()))
                                    .setHead(JournalHeadCodec.encode(ready.head())));
            case Contribution.Nonces nonces ->
                    pb.setNonces(
                            NoncesPb.newBuilder()
                                    .addAllNonces(ProtobufBytes.listToProtobuf(nonces.nonces()))
                                    .setHead(JournalHeadCodec.encode(nonces.head())));
            case Contribution.Partials partials ->
                    pb.setPartials(
                            PartialsPb.newBuilder()
                                    .addAllPartials(
                                            ProtobufBytes.listToProtobuf(partials.partials()))
                                    .setNonceSetHash(
                                            ProtobufBytes.toProtobuf(partials.nonceSetHash())));
            case Contribution.Refuse refuse ->
                    pb.setRefuse(
                            RefusePb.newBuilder()
                                    .setCode(cut(refuse.code(), MAX_CODE))
                                    .setReason(cut(refuse.reason(), MAX_REASON)));
            case Contribution.Abort abort ->
                    pb.setAbort(
                            AbortPb.newBuilder()
                                    .setCode(cut(abort.code(), MAX_CODE))
                                    .addAllCulprits(abort.culprits())
                                    .setReason(cut(abort.reason(), MAX_REASON))
                                    .addAllProof(ProtobufBytes.listToProtobuf(abort.proof())));
            case Contribution.NonceSet nonceSet ->
                    pb.setNonceSet(
                            NonceSetPb.newBuilder()
                                    .addAllNonces(
                                            ProtobufBytes.listToProtobuf(nonceSet.envelopes()))
                                    .addAllAttestations(
                                            nonceSet.attestations().stream()
                                                    .map(ContributionCodec::encode)
                                                    .toList()));
            case Contribution.Final fin ->
                    pb.setFinal(
                            FinalPb.newBuilder()
                                    .addAllSignatures(
                                            ProtobufBytes.listToProtobuf(fin.signatures())));
            case Contribution.RetransmissionRequest wanted ->
                    pb.setRetransmissionRequest(
                            RetransmissionRequestPb.newBuilder()
                                    .setPhase(phase(wanted.phase()))
                                    .addAllSigners(wanted.signers()));
        }
        return Bytes.wrap(pb.build().toByteArray());
    }

    /// @throws WireException if it is not a contribution of this version
    public static Contribution decode(Bytes payload) throws WireException {
        try {
            ContributionPb pb = ContributionPb.parseFrom(payload.toArray());
            RequestCodec.requireVersion(pb.getVersion());
            if (pb.getAttempt() < 1 || pb.getSigner() < 0) {
                throw new WireException(DropReason.MALFORMED, "attempt or signer out of range");
            }
            return new Contribution(
                    ProtobufBytes.fromProtobuf(pb.getGroup()),
                    ProtobufBytes.fromProtobuf(pb.getBoot()),
                    new SessionId(ProtobufBytes.fromProtobuf(pb.getSession())),
                    pb.getAttempt(),
                    pb.getSigner(),
                    body(pb));
        } catch (InvalidProtocolBufferException | IllegalArgumentException _) {
            throw new WireException(DropReason.MALFORMED, "the contribution does not decode");
        }
    }

    private static Contribution.Body body(ContributionPb pb) throws WireException {
        return switch (pb.getBodyCase()) {
            case READY ->
                    new Contribution.Ready(
                            decode(pb.getReady().getAttestation()),
                            JournalHeadCodec.decode(pb.getReady().getHead()));
            case NONCES ->
                    new Contribution.Nonces(
                            ProtobufBytes.listFromProtobuf(pb.getNonces().getNoncesList()),
                            JournalHeadCodec.decode(pb.getNonces().getHead()));
            case PARTIALS ->
                    new Contribution.Partials(
                            ProtobufBytes.listFromProtobuf(pb.getPartials().getPartialsList()),
                            ProtobufBytes.fromProtobuf(pb.getPartials().getNonceSetHash()));
            case REFUSE ->
                    new Contribution.Refuse(
                            text(pb.getRefuse().getCode(), MAX_CODE),
                            text(pb.getRefuse().getReason(), MAX_REASON));
            case ABORT ->
                    new Contribution.Abort(
                            text(pb.getAbort().getCode(), MAX_CODE),
                            pb.getAbort().getCulpritsList(),
                            text(pb.getAbort().getReason(), MAX_REASON),
                            ProtobufBytes.listFromProtobuf(pb.getAbort().getProofList()));
            case NONCE_SET ->
                    new Contribution.NonceSet(
                            ProtobufBytes.listFromProtobuf(pb.getNonceSet().getNoncesList()),
                            pb.getNonceSet().getAttestationsList().stream()
                                    .map(ContributionCodec::decode)
                                    .toList());
            case FINAL ->
                    new Contribution.Final(
                            ProtobufBytes.listFromProtobuf(pb.getFinal().getSignaturesList()));
            case RETRANSMISSION_REQUEST ->
                    new Contribution.RetransmissionRequest(
                            phase(pb.getRetransmissionRequest().getPhase()),
                            pb.getRetransmissionRequest().getSignersList());
            case BODY_NOT_SET ->
                    throw new WireException(DropReason.MALFORMED, "a contribution without a body");
        };
    }

    private static AttestationPb encode(KeyAttestation attestation) {
        return AttestationPb.newBuilder()
                .setSequence(attestation.sequence())
                .setNotAfterMillis(attestation.notAfterMillis())
                .setSignature(ProtobufBytes.toProtobuf(attestation.signature()))
                .build();
    }

    private static KeyAttestation decode(AttestationPb pb) {
        return new KeyAttestation(
                pb.getSequence(),
                pb.getNotAfterMillis(),
                ProtobufBytes.fromProtobuf(pb.getSignature()));
    }

    private static RetransmissionRequestPb.Phase phase(Contribution.Phase phase) {
        return switch (phase) {
            case READY -> RetransmissionRequestPb.Phase.PHASE_READY;
            case NONCES -> RetransmissionRequestPb.Phase.PHASE_NONCES;
            case PARTIALS -> RetransmissionRequestPb.Phase.PHASE_PARTIALS;
        };
    }

    private static Contribution.Phase phase(RetransmissionRequestPb.Phase phase)
            throws WireException {
        return switch (phase) {
            case PHASE_READY -> Contribution.Phase.READY;
            case PHASE_NONCES -> Contribution.Phase.NONCES;
            case PHASE_PARTIALS -> Contribution.Phase.PARTIALS;
            case PHASE_UNSPECIFIED, UNRECOGNIZED ->
                    throw new WireException(
                            DropReason.MALFORMED, "a retransmission request without a phase");
        };
    }

    /// Text from a peer reaches logs and terminals: plain text only, and of bounded length.
    private static String text(String value, int max) throws WireException {
        if (value.length() > max) {
            throw new WireException(
                    DropReason.MALFORMED, "a text of " + value.length() + " characters");
        }
        if (!PlainText.isPlain(value)) {
            throw new WireException(
                    DropReason.MALFORMED, "a text with characters that are not plain text");
        }
        return value;
    }

    /// What the others take as text: plain, and not longer than they allow.
    private static String cut(String value, int max) {
        String plain = PlainText.escape(value);
        if (plain.length() <= max) {
            return plain;
        }
        int end = Character.isHighSurrogate(plain.charAt(max - 1)) ? max - 1 : max;
        return plain.substring(0, end);
    }
}
