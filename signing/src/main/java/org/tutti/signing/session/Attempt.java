package org.tutti.signing.session;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.musig.musig.NoncePair;
import org.tutti.musig.musig.PartialSignature;
import org.tutti.musig.musig.PublicNonce;
import org.tutti.musig.musig.SigningSession;
import org.tutti.signing.wire.Contribution;
import org.tutti.signing.wire.Inbound.Statement;

import java.util.ArrayList;
import java.util.List;

/// What arrived and what was made in one attempt of a session. Closing it wipes the secret nonces
/// that were not spent.
final class Attempt implements AutoCloseable {
    final int number;
    final Slots ready;
    final Slots nonces;
    final Slots partials;
    final @Nullable Statement[] nonceSets;
    final List<List<PublicNonce>> publicNonces = new ArrayList<>();
    final @Nullable List<PartialSignature>[] verified;
    final int[] answers;
    long[] minimumCounts = new long[0];
    List<NoncePair> own = List.of();
    List<SigningSession> rounds = List.of();
    Bytes nonceSetHash = Bytes.EMPTY;
    @Nullable Statement ownNonceSet;
    private int verifiedCount;

    @SuppressWarnings({"unchecked", "rawtypes"})
    Attempt(int number, int members) {
        this.number = number;
        this.ready = new Slots(members);
        this.nonces = new Slots(members);
        this.partials = new Slots(members);
        this.nonceSets = new Statement[members];
        this.verified = new List[members];
        this.answers = new int[members];
        for (int i = 0; i < members; i++) {
            publicNonces.add(List.of());
        }
    }

    /// One place for each signer's message of one phase.
    static final class Slots {
        private final @Nullable Statement[] statements;
        private int count;

        Slots(int members) {
            statements = new Statement[members];
        }

        @Nullable Statement get(int member) {
            return statements[member];
        }

        void put(Statement statement) {
            int member = statement.author().index();
            if (statements[member] == null) {
                count++;
            }
            statements[member] = statement;
        }

        boolean full() {
            return count == statements.length;
        }

        /// All of them, in signer order; only when full.
        List<Statement> all() {
            List<Statement> all = new ArrayList<>();
            for (Statement statement : statements) {
                if (statement == null) {
                    throw new IllegalStateException("asked for all while some are missing");
                }
                all.add(statement);
            }
            return all;
        }
    }

    Slots slots(Contribution.Phase phase) {
        return switch (phase) {
            case READY -> ready;
            case NONCES -> nonces;
            case PARTIALS -> partials;
        };
    }

    void verified(int member, List<PartialSignature> signatures) {
        if (verified[member] == null) {
            verifiedCount++;
        }
        verified[member] = signatures;
    }

    boolean allVerified() {
        return verifiedCount == verified.length;
    }

    /// SAFETY 1, 2: nothing of this attempt will sign any more.
    @Override
    public void close() {
        own.forEach(pair -> pair.secret().close());
        own = List.of();
    }
}
