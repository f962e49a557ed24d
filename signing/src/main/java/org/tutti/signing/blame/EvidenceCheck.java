package org.tutti.signing.blame;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.internal.wire.RequestCodec;
import org.tutti.signing.internal.wire.VerifiedEnvelope;
import org.tutti.signing.internal.wire.WireException;
import org.tutti.signing.request.SigningLimits;
import org.tutti.signing.request.SigningRequest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Checks one piece of evidence. Any step that fails ends in "not proven".
///
/// Why this cannot frame an honest signer: the proof is signed by one identity; the signing key
/// attests that identity with its own BIP340 signature; and a partial signature is checked under
/// the nonces that its author signed for (the nonce set hash), not under those that the accuser
/// names.
final class EvidenceCheck {
    /// A node may be configured with larger limits than the default ones: only the file's own size
    /// counts here.
    private static final SigningLimits LIMITS =
            SigningLimits.DEFAULT.with(
                    new SigningLimits.Requests(
                            Integer.MAX_VALUE,
                            Evidence.MAX_BYTES,
                            Integer.MAX_VALUE,
                            Duration.ofDays(366_000),
                            Duration.ZERO));

    private final Evidence evidence;
    private final SigningRequest request;
    private final List<PublicKey> keys;
    private final PeerId culprit;

    private EvidenceCheck(Evidence evidence) throws NotProvenException {
        this.evidence = evidence;
        this.request = verifyRequest(evidence.request());
        if (request.keys().size() > SignerGroup.MAX_MEMBERS) {
            throw new NotProvenException("the request has more keys than a group has members");
        }
        this.keys = parseKeys(request.keys());
        if (evidence.culprit() >= keys.size()) {
            throw new NotProvenException("the culprit is not a signer of the request");
        }
        this.culprit = attestedPeer();
    }

    static Verdict verify(Evidence evidence) {
        try {
            EvidenceCheck check = new EvidenceCheck(evidence);
            String what = check.check();
            return new Verdict.Guilty(
                    check.request.sessionId().bytes(),
                    evidence.culprit(),
                    check.culprit,
                    check.request.keys().get(evidence.culprit()),
                    evidence.kind(),
                    what);
        } catch (NotProvenException e) {
            return new Verdict.NotProven(String.valueOf(e.getMessage()));
        }
    }

    private static SigningRequest verifyRequest(Bytes envelope) throws NotProvenException {
        VerifiedEnvelope verified = verifyEnvelope(envelope, "the request");
        try {
            if (!verified.isRequest()) {
                throw new NotProvenException("the envelope is not a request");
            }
            SigningRequest request = RequestCodec.decode(verified.payload(), LIMITS);
            if (!request.requester().equals(verified.author())) {
                throw new NotProvenException("the requester is not the author of the request");
            }
            return request;
        } catch (WireException e) {
            throw new NotProvenException("the request: " + e.getMessage());
        }
    }

    private static List<PublicKey> parseKeys(List<Bytes> encoded) throws NotProvenException {
        try {
            List<PublicKey> keys = new ArrayList<>();
            for (Bytes key : encoded) {
                keys.add(PublicKey.parse(key));
            }
            return keys;
        } catch (KeyException e) {
            throw new NotProvenException("a key of the request: " + e.getMessage());
        }
    }

    /// The peer id that the culprit's signing key attests.
    private PeerId attestedPeer() throws NotProvenException {
        VerifiedEnvelope verified = verifyEnvelope(evidence.attestingReady(), "the attestation");
        Contribution contribution = contribution(verified, "the attestation");
        if (!(contribution.body() instanceof Contribution.Ready ready)
                || !isOfThisSession(contribution)
                || contribution.signer() != evidence.culprit()) {
            throw new NotProvenException("the attestation is for another session or signer");
        }
        if (!ready.attestation()
                .isOf(request.group(), verified.author(), keys.get(evidence.culprit()))) {
            throw new NotProvenException("the signing key does not attest the peer id");
        }
        if (ready.attestation().isOver(request.created())) {
            throw new NotProvenException("the attestation had expired before the request");
        }
        return verified.author();
    }

    private boolean isOfThisSession(Contribution contribution) {
        return contribution.session().equals(request.sessionId())
                && contribution.group().equals(request.group().id());
    }

    private String check() throws NotProvenException {
        return switch (evidence.kind()) {
            case EQUIVOCATION -> equivocation();
            case BAD_PARTIAL -> badPartial();
            case BAD_CONTRIBUTION -> badContribution();
            case BAD_VIEW -> badNonceSet();
        };
    }

    private String equivocation() throws NotProvenException {
        VerifiedEnvelope first = proof(0, 2);
        VerifiedEnvelope second = proof(1, 2);
        Contribution one = requireThisSession(first);
        Contribution two = requireThisSession(second);
        if (!(one.body() instanceof Contribution.OncePerAttempt)
                || !one.body().getClass().equals(two.body().getClass())
                || one.attempt() != two.attempt()) {
            throw new NotProvenException("the two messages are not for one slot");
        }
        requireOneProcess(one, two);
        if (first.payload().equals(second.payload())) {
            throw new NotProvenException("the two messages are equal");
        }
        return "signed two different "
                + name(one.body())
                + " messages for attempt "
                + one.attempt();
    }

    /// A process that was started again, or a copy of it, may honestly say something else.
    private static void requireOneProcess(Contribution one, Contribution two)
            throws NotProvenException {
        if (!one.boot().equals(two.boot())) {
            throw new NotProvenException("the two messages come from two different processes");
        }
    }

    private String badPartial() throws NotProvenException {
        Contribution accused = requireThisSession(proof(0, 1));
        if (!(accused.body() instanceof Contribution.Partials partials)) {
            throw new NotProvenException("the message has no partial signatures");
        }
        List<Bytes> payloads = new ArrayList<>();
        List<List<Bytes>> nonces = new ArrayList<>();
        for (int i = 0; i < evidence.nonces().size(); i++) {
            VerifiedEnvelope verified =
                    verifyEnvelope(evidence.nonces().get(i), "nonces of signer " + i);
            Contribution contribution = contribution(verified, "nonces of signer " + i);
            if (!(contribution.body() instanceof Contribution.Nonces body)
                    || !fits(contribution, accused.attempt(), i)) {
                throw new NotProvenException(
                        "the nonces of signer "
                                + i
                                + " are for another session, attempt or signer");
            }
            payloads.add(verified.payload());
            nonces.add(body.nonces());
        }
        if (nonces.size() != keys.size()) {
            throw new NotProvenException(
                    "nonces of " + nonces.size() + " signers of " + keys.size());
        }
        // SAFETY 9, 11: the accused itself signed which nonces its partial signature is for.
        if (!NonceSetHash.of(payloads).equals(partials.nonceSetHash())) {
            throw new NotProvenException("the partial signature was made for other nonces");
        }
        return PartialCheck.findBad(request, keys, nonces, evidence.culprit(), partials.partials());
    }

    private String badContribution() throws NotProvenException {
        Contribution accused = requireThisSession(proof(0, 1));
        return switch (accused.body()) {
            case Contribution.Nonces nonces ->
                    PartialCheck.badNonces(nonces.nonces(), request.messages().size())
                            .orElseThrow(
                                    () -> new NotProvenException("the nonces are well formed"));
            case Contribution.Partials partials ->
                    PartialCheck.badScalars(partials.partials(), request.messages().size())
                            .orElseThrow(() ->
                                    new NotProvenException(
                                            "the partial signatures are well formed"));
            case Contribution.Ready _,
                    Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.NonceSet _,
                    Contribution.Final _,
                    Contribution.RetransmissionRequest _ ->
                    throw new NotProvenException(
                            "the message has neither nonces nor partial signatures");
        };
    }

    private String badNonceSet() throws NotProvenException {
        Contribution accused = requireThisSession(proof(0, 2));
        Contribution claim = requireThisSession(proof(1, 2));
        if (!(accused.body() instanceof Contribution.NonceSet nonceSet)
                || !(claim.body() instanceof Contribution.Partials partials)
                || accused.attempt() != claim.attempt()) {
            throw new NotProvenException("not a nonce set and the partial signatures made for it");
        }
        requireOneProcess(accused, claim);
        if (nonceSet.envelopes().size() != keys.size()) {
            return "sent nonces of " + nonceSet.envelopes().size() + " signers of " + keys.size();
        }
        if (nonceSet.attestations().size() != keys.size()) {
            return "sent attestations of "
                    + nonceSet.attestations().size()
                    + " signers of "
                    + keys.size();
        }
        List<Bytes> payloads = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            try {
                VerifiedEnvelope verified = VerifiedEnvelope.of(nonceSet.envelopes().get(i));
                Contribution inner = verified.contribution();
                if (!(inner.body() instanceof Contribution.Nonces)
                        || !fits(inner, accused.attempt(), i)) {
                    return "sent another message as the nonces of signer " + i;
                }
                if (!nonceSet.attestations()
                        .get(i)
                        .isOf(request.group(), verified.author(), keys.get(i))) {
                    return "sent a stranger's nonces as those of signer " + i;
                }
                payloads.add(verified.payload());
            } catch (WireException _) {
                return "sent nonces of signer " + i + " with an invalid envelope";
            }
        }
        if (NonceSetHash.of(payloads).equals(partials.nonceSetHash())) {
            throw new NotProvenException("the nonce set is the one that was signed for");
        }
        return "signed for one set of nonces and sent another";
    }

    private VerifiedEnvelope proof(int index, int count) throws NotProvenException {
        if (evidence.proof().size() != count) {
            throw new NotProvenException("the proof has " + evidence.proof().size() + " messages");
        }
        return verifyEnvelope(evidence.proof().get(index), "message " + index);
    }

    private Contribution requireThisSession(VerifiedEnvelope verified) throws NotProvenException {
        Contribution contribution = requireCulprit(verified);
        if (!isOfThisSession(contribution) || contribution.signer() != evidence.culprit()) {
            throw new NotProvenException("a message is for another session or signer");
        }
        return contribution;
    }

    private Contribution requireCulprit(VerifiedEnvelope verified) throws NotProvenException {
        if (!verified.author().equals(culprit)) {
            throw new NotProvenException("a message is by another author");
        }
        return contribution(verified, "a message");
    }

    private boolean fits(Contribution contribution, int attempt, int signer) {
        return isOfThisSession(contribution)
                && contribution.attempt() == attempt
                && contribution.signer() == signer;
    }

    private static VerifiedEnvelope verifyEnvelope(Bytes envelope, String what)
            throws NotProvenException {
        try {
            return VerifiedEnvelope.of(envelope);
        } catch (WireException e) {
            throw new NotProvenException(what + ": " + e.getMessage());
        }
    }

    private static Contribution contribution(VerifiedEnvelope verified, String what)
            throws NotProvenException {
        try {
            return verified.contribution();
        } catch (WireException e) {
            throw new NotProvenException(what + ": " + e.getMessage());
        }
    }

    private static String name(Contribution.Body body) {
        return body.getClass().getSimpleName();
    }
}
