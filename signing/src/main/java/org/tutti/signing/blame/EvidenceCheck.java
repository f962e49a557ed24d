package org.tutti.signing.blame;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.musig.keys.KeyException;
import org.tutti.musig.keys.PublicKey;
import org.tutti.musig.schnorr.Schnorr;
import org.tutti.musig.schnorr.SchnorrSignature;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.request.SigningRequest;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.KeyAttestation;
import org.tutti.signing.wire.NonceSetHash;
import org.tutti.signing.wire.RequestCodec;
import org.tutti.signing.wire.SigningLimits;
import org.tutti.signing.wire.VerifiedEnvelope;
import org.tutti.signing.wire.WireException;

import java.util.ArrayList;
import java.util.List;

/// One run through one piece of evidence. Every step that does not hold ends in "not proven", never
/// in a guess.
///
/// Why this frames nobody: the convicting envelopes are signed by one identity; that identity is
/// tied to the signing key by that key's own BIP340 signature; and what a partial signature is
/// judged under is what its author signed that it is for (the view hash), not what the accuser
/// says.
final class EvidenceCheck {
    private final Evidence evidence;
    private final SigningRequest request;
    private final List<PublicKey> keys;
    private final PeerId culprit;

    private EvidenceCheck(Evidence evidence) throws NotProvenException {
        this.evidence = evidence;
        this.request = openRequest(evidence.request());
        this.keys = parseKeys(request.keys());
        if (evidence.culprit() >= keys.size()) {
            throw new NotProvenException("the culprit is no signer of the request");
        }
        this.culprit = vouchedPeer();
    }

    static Verdict verify(Evidence evidence) {
        try {
            EvidenceCheck check = new EvidenceCheck(evidence);
            String what = check.convict();
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

    private static SigningRequest openRequest(Bytes envelope) throws NotProvenException {
        VerifiedEnvelope opened = open(envelope, "the request");
        try {
            if (!opened.isRequest()) {
                throw new NotProvenException("the request is something else");
            }
            SigningRequest request = RequestCodec.decode(opened.payload(), SigningLimits.DEFAULT);
            if (!request.requester().equals(opened.author())) {
                throw new NotProvenException("the request is in another's name");
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

    /// The peer id that the culprit's signing key signed for.
    private PeerId vouchedPeer() throws NotProvenException {
        VerifiedEnvelope opened = open(evidence.vouchReady(), "the vouch");
        Contribution contribution = contribution(opened, "the vouch");
        if (!(contribution.body() instanceof Contribution.Ready ready)
                || !contribution.session().equals(request.sessionId())
                || contribution.signer() != evidence.culprit()) {
            throw new NotProvenException("the vouch is for something else");
        }
        PublicKey key = keys.get(evidence.culprit());
        boolean vouches =
                Schnorr.verify(
                        key.xOnly(),
                        KeyAttestation.message(opened.author(), key).toArray(),
                        new SchnorrSignature(ready.vouch()));
        if (!vouches) {
            throw new NotProvenException("the signing key does not vouch for the peer id");
        }
        return opened.author();
    }

    private String convict() throws NotProvenException {
        return switch (evidence.kind()) {
            case EQUIVOCATION -> equivocation();
            case BAD_PARTIAL -> badPartial();
            case BAD_CONTRIBUTION -> badContribution();
            case BAD_VIEW -> badView();
            case JOURNAL_FORK -> journalFork();
        };
    }

    private String equivocation() throws NotProvenException {
        VerifiedEnvelope first = proof(0, 2);
        VerifiedEnvelope second = proof(1, 2);
        Contribution one = ofThisSession(first);
        Contribution two = ofThisSession(second);
        boolean slotted =
                one.body() instanceof Contribution.Ready
                        || one.body() instanceof Contribution.Nonces
                        || one.body() instanceof Contribution.Partials;
        if (!slotted
                || !one.body().getClass().equals(two.body().getClass())
                || one.attempt() != two.attempt()) {
            throw new NotProvenException("the two messages are not for one slot");
        }
        if (first.payload().equals(second.payload())) {
            throw new NotProvenException("the two messages are equal");
        }
        return "signed two different "
                + name(one.body())
                + " messages for attempt "
                + one.attempt();
    }

    private String badPartial() throws NotProvenException {
        Contribution accused = ofThisSession(proof(0, 1));
        if (!(accused.body() instanceof Contribution.Partials partials)) {
            throw new NotProvenException("the message is no partial signature");
        }
        List<Bytes> payloads = new ArrayList<>();
        List<List<Bytes>> nonces = new ArrayList<>();
        for (int i = 0; i < evidence.nonces().size(); i++) {
            VerifiedEnvelope opened = open(evidence.nonces().get(i), "nonces of signer " + i);
            Contribution contribution = contribution(opened, "nonces of signer " + i);
            if (!(contribution.body() instanceof Contribution.Nonces body)
                    || !fits(contribution, accused.attempt(), i)) {
                throw new NotProvenException(
                        "the nonces of signer " + i + " are for something else");
            }
            payloads.add(opened.payload());
            nonces.add(body.nonces());
        }
        if (nonces.size() != keys.size()) {
            throw new NotProvenException(
                    "nonces of " + nonces.size() + " signers of " + keys.size());
        }
        // SAFETY 9, 11: the accused itself signed which nonces its partial signature is for.
        if (!NonceSetHash.of(payloads).equals(partials.viewHash())) {
            throw new NotProvenException("the partial signature was made for other nonces");
        }
        return PartialCheck.findBad(request, keys, nonces, evidence.culprit(), partials.partials());
    }

    private String badContribution() throws NotProvenException {
        Contribution accused = ofThisSession(proof(0, 1));
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
                    Contribution.View _,
                    Contribution.Final _,
                    Contribution.Want _ ->
                    throw new NotProvenException("such a message cannot be badly formed");
        };
    }

    private String badView() throws NotProvenException {
        Contribution accused = ofThisSession(proof(0, 2));
        Contribution claim = ofThisSession(proof(1, 2));
        if (!(accused.body() instanceof Contribution.View view)
                || !(claim.body() instanceof Contribution.Partials partials)
                || accused.attempt() != claim.attempt()) {
            throw new NotProvenException("not a view and the partial signatures that claim it");
        }
        if (view.envelopes().size() != keys.size()) {
            return "showed nonces of " + view.envelopes().size() + " signers of " + keys.size();
        }
        List<Bytes> payloads = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            try {
                VerifiedEnvelope opened = VerifiedEnvelope.of(view.envelopes().get(i));
                Contribution inner = opened.contribution();
                if (!(inner.body() instanceof Contribution.Nonces)
                        || !fits(inner, accused.attempt(), i)) {
                    return "showed something else as the nonces of signer " + i;
                }
                payloads.add(opened.payload());
            } catch (WireException _) {
                return "showed nonces of signer " + i + " that nobody signed";
            }
        }
        if (NonceSetHash.of(payloads).equals(partials.viewHash())) {
            throw new NotProvenException("the view is the one that was claimed");
        }
        return "signed for one set of nonces and showed another";
    }

    private String journalFork() throws NotProvenException {
        VerifiedEnvelope first = proof(0, 2);
        VerifiedEnvelope second = proof(1, 2);
        JournalHead one = head(byCulprit(first));
        JournalHead two = head(byCulprit(second));
        if (one.count() != two.count() || one.hash().equals(two.hash())) {
            throw new NotProvenException("the journal heads do not contradict each other");
        }
        return "told two different journals of " + one.count() + " entries";
    }

    private static JournalHead head(Contribution contribution) throws NotProvenException {
        return switch (contribution.body()) {
            case Contribution.Ready ready -> ready.head();
            case Contribution.Nonces nonces -> nonces.head();
            case Contribution.Partials _,
                    Contribution.Refuse _,
                    Contribution.Abort _,
                    Contribution.View _,
                    Contribution.Final _,
                    Contribution.Want _ ->
                    throw new NotProvenException("a message without a journal head");
        };
    }

    private VerifiedEnvelope proof(int index, int count) throws NotProvenException {
        if (evidence.proof().size() != count) {
            throw new NotProvenException("the proof has " + evidence.proof().size() + " messages");
        }
        return open(evidence.proof().get(index), "message " + index);
    }

    private Contribution ofThisSession(VerifiedEnvelope opened) throws NotProvenException {
        Contribution contribution = byCulprit(opened);
        if (!contribution.session().equals(request.sessionId())
                || contribution.signer() != evidence.culprit()) {
            throw new NotProvenException("a message is for something else");
        }
        return contribution;
    }

    private Contribution byCulprit(VerifiedEnvelope opened) throws NotProvenException {
        if (!opened.author().equals(culprit)) {
            throw new NotProvenException("a message is by someone else");
        }
        return contribution(opened, "a message");
    }

    private boolean fits(Contribution contribution, int attempt, int signer) {
        return contribution.session().equals(request.sessionId())
                && contribution.attempt() == attempt
                && contribution.signer() == signer;
    }

    private static VerifiedEnvelope open(Bytes envelope, String what) throws NotProvenException {
        try {
            return VerifiedEnvelope.of(envelope);
        } catch (WireException e) {
            throw new NotProvenException(what + ": " + e.getMessage());
        }
    }

    private static Contribution contribution(VerifiedEnvelope opened, String what)
            throws NotProvenException {
        try {
            return opened.contribution();
        } catch (WireException e) {
            throw new NotProvenException(what + ": " + e.getMessage());
        }
    }

    private static String name(Contribution.Body body) {
        return body.getClass().getSimpleName();
    }
}
