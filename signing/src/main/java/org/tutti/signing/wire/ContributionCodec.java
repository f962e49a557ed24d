package org.tutti.signing.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;

import org.tutti.base.Bytes;
import org.tutti.signing.pb.AbortPb;
import org.tutti.signing.pb.ContributionPb;
import org.tutti.signing.pb.FinalPb;
import org.tutti.signing.pb.NoncesPb;
import org.tutti.signing.pb.PartialsPb;
import org.tutti.signing.pb.ReadyPb;
import org.tutti.signing.pb.RefusePb;
import org.tutti.signing.pb.ViewPb;
import org.tutti.signing.pb.WantPb;
import org.tutti.signing.request.SessionId;

import java.util.List;

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
                        .setSession(Pb.string(contribution.session().bytes()))
                        .setAttempt(contribution.attempt())
                        .setSigner(contribution.signer());
        switch (contribution.body()) {
            case Contribution.Ready ready ->
                    pb.setReady(
                            ReadyPb.newBuilder()
                                    .setVouch(Pb.string(ready.vouch()))
                                    .setHead(Pb.head(ready.head())));
            case Contribution.Nonces nonces ->
                    pb.setNonces(
                            NoncesPb.newBuilder()
                                    .addAllNonces(strings(nonces.nonces()))
                                    .setHead(Pb.head(nonces.head())));
            case Contribution.Partials partials ->
                    pb.setPartials(
                            PartialsPb.newBuilder()
                                    .addAllPartials(strings(partials.partials()))
                                    .setViewHash(Pb.string(partials.viewHash())));
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
                                    .addAllProof(strings(abort.proof())));
            case Contribution.View view ->
                    pb.setView(ViewPb.newBuilder().addAllNonces(strings(view.envelopes())));
            case Contribution.Final fin ->
                    pb.setFinal(FinalPb.newBuilder().addAllSignatures(strings(fin.signatures())));
            case Contribution.Want want ->
                    pb.setWant(
                            WantPb.newBuilder()
                                    .setPhase(phase(want.phase()))
                                    .addAllSigners(want.signers()));
        }
        return Bytes.wrap(pb.build().toByteArray());
    }

    /// @throws WireException if it is not a contribution of this version
    public static Contribution decode(Bytes payload) throws WireException {
        try {
            ContributionPb pb = ContributionPb.parseFrom(payload.toArray());
            if (pb.getVersion() != RequestCodec.VERSION) {
                throw new WireException(
                        DropReason.WRONG_VERSION, "contribution of version " + pb.getVersion());
            }
            if (pb.getAttempt() < 1 || pb.getSigner() < 0) {
                throw new WireException(DropReason.MALFORMED, "attempt or signer out of range");
            }
            return new Contribution(
                    new SessionId(Pb.bytes(pb.getSession())),
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
                            Pb.bytes(pb.getReady().getVouch()), Pb.head(pb.getReady().getHead()));
            case NONCES ->
                    new Contribution.Nonces(
                            bytes(pb.getNonces().getNoncesList()),
                            Pb.head(pb.getNonces().getHead()));
            case PARTIALS ->
                    new Contribution.Partials(
                            bytes(pb.getPartials().getPartialsList()),
                            Pb.bytes(pb.getPartials().getViewHash()));
            case REFUSE ->
                    new Contribution.Refuse(
                            text(pb.getRefuse().getCode(), MAX_CODE),
                            text(pb.getRefuse().getReason(), MAX_REASON));
            case ABORT ->
                    new Contribution.Abort(
                            text(pb.getAbort().getCode(), MAX_CODE),
                            pb.getAbort().getCulpritsList(),
                            text(pb.getAbort().getReason(), MAX_REASON),
                            bytes(pb.getAbort().getProofList()));
            case VIEW -> new Contribution.View(bytes(pb.getView().getNoncesList()));
            case FINAL -> new Contribution.Final(bytes(pb.getFinal().getSignaturesList()));
            case WANT ->
                    new Contribution.Want(
                            phase(pb.getWant().getPhase()), pb.getWant().getSignersList());
            case BODY_NOT_SET ->
                    throw new WireException(DropReason.MALFORMED, "a contribution without content");
        };
    }

    private static WantPb.Phase phase(Contribution.Phase phase) {
        return switch (phase) {
            case READY -> WantPb.Phase.WANT_READY;
            case NONCES -> WantPb.Phase.WANT_NONCES;
            case PARTIALS -> WantPb.Phase.WANT_PARTIALS;
        };
    }

    private static Contribution.Phase phase(WantPb.Phase phase) throws WireException {
        return switch (phase) {
            case WANT_READY -> Contribution.Phase.READY;
            case WANT_NONCES -> Contribution.Phase.NONCES;
            case WANT_PARTIALS -> Contribution.Phase.PARTIALS;
            case WANT_NOTHING, UNRECOGNIZED ->
                    throw new WireException(DropReason.MALFORMED, "wants nothing");
        };
    }

    private static List<ByteString> strings(List<Bytes> values) {
        return values.stream().map(Pb::string).toList();
    }

    private static List<Bytes> bytes(List<ByteString> values) {
        return values.stream().map(Pb::bytes).toList();
    }

    /// A peer's words reach logs and terminals: printable ASCII only, and not too many.
    private static String text(String value, int max) throws WireException {
        if (value.length() > max) {
            throw new WireException(
                    DropReason.MALFORMED, "a text of " + value.length() + " characters");
        }
        return clean(value);
    }

    private static String cut(String value, int max) {
        return clean(value.length() > max ? value.substring(0, max) : value);
    }

    private static String clean(String value) {
        return value.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
