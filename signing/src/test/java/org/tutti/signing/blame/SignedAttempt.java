package org.tutti.signing.blame;

import org.tutti.base.Bytes;
import org.tutti.musig.musig.AggregateNonce;
import org.tutti.musig.musig.KeyAggContext;
import org.tutti.musig.musig.NonceGenerator;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.SigningSession;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.GroupFixture;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.internal.wire.NonceSetHash;
import org.tutti.signing.journal.JournalHead;
import org.tutti.signing.journal.TestJournals;
import org.tutti.signing.request.SessionId;
import org.tutti.signing.request.SigningRequest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// One honest attempt of a group of three, with all its messages: what evidence is made from.
final class SignedAttempt implements AutoCloseable {
    static final int CULPRIT = 1;
    static final JournalHead HEAD = TestJournals.head(4, Bytes.fromHex("44".repeat(32)));

    final GroupFixture fixture = new GroupFixture(3, 77);
    final SigningRequest request = fixture.request(0, 1);
    final SessionId session = request.sessionId();
    final Bytes requestEnvelope = fixture.owner(0).envelopeSigner().sign(request).envelope();
    final List<Statement> nonces = new ArrayList<>();
    final Statement ready;
    final Contribution.Partials partials;

    SignedAttempt() throws Exception {
        KeyAggContext context =
                KeyAggContext.of(fixture.group.signingKeys()).withTapTweak(Optional.empty());
        Bytes message = request.messages().getFirst().hash();
        List<NoncePair> pairs = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            GroupFixture.Owner owner = fixture.owner(i);
            NoncePair pair =
                    NonceGenerator.generate(
                            owner.key(),
                            owner.key().publicKey(),
                            context,
                            message,
                            fixture.random(32),
                            fixture.random);
            pairs.add(pair);
            nonces.add(sign(i, 1, new Contribution.Nonces(List.of(pair.pub().bytes()), HEAD)));
        }
        AggregateNonce aggregate = AggregateNonce.of(pairs.stream().map(NoncePair::pub).toList());
        Bytes partial =
                SigningSession.of(context, aggregate, message)
                        .sign(pairs.get(CULPRIT).secret(), fixture.owner(CULPRIT).key())
                        .bytes();
        pairs.forEach(pair -> pair.secret().close());
        partials = new Contribution.Partials(List.of(partial), hash());
        ready =
                sign(
                        CULPRIT,
                        1,
                        new Contribution.Ready(fixture.owner(CULPRIT).attestation(), HEAD));
    }

    Bytes hash() {
        return NonceSetHash.of(nonces.stream().map(Statement::payload).toList());
    }

    /// The one that was signed for.
    Contribution.NonceSet nonceSet() {
        return new Contribution.NonceSet(nonceEnvelopes(), attestations());
    }

    /// That of each signer.
    List<KeyAttestation> attestations() {
        return IntStream.range(0, 3).mapToObj(i -> fixture.owner(i).attestation()).toList();
    }

    List<Bytes> nonceEnvelopes() {
        return nonces.stream().map(Statement::envelope).toList();
    }

    Statement sign(int signer, int attempt, Contribution.Body body) {
        return fixture.owner(signer).envelopeSigner().sign(session, attempt, body);
    }

    /// The same, said by another process of the culprit.
    Bytes envelopeOfCopy(Contribution.Body body) {
        return fixture.owner(CULPRIT)
                .restarted()
                .envelopeSigner()
                .sign(session, 1, body)
                .envelope();
    }

    Bytes envelope(Contribution.Body body) {
        return sign(CULPRIT, 1, body).envelope();
    }

    /// The culprit's partial signature with one bit changed.
    Contribution.Partials badPartials() {
        byte[] changed = partials.partials().getFirst().toArray();
        changed[31] ^= 1;
        return new Contribution.Partials(List.of(Bytes.wrap(changed)), partials.nonceSetHash());
    }

    Evidence evidence(Evidence.Kind kind, Bytes... proof) {
        List<Bytes> all = kind == Evidence.Kind.BAD_PARTIAL ? nonceEnvelopes() : List.of();
        return new Evidence(kind, CULPRIT, requestEnvelope, ready.envelope(), all, List.of(proof));
    }

    @Override
    public void close() {
        fixture.close();
    }
}
