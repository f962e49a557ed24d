package org.tutti.signing.internal.engine;

import org.jspecify.annotations.Nullable;
import org.tutti.base.Bytes;
import org.tutti.signing.internal.wire.Contribution;
import org.tutti.signing.internal.wire.Inbound.Statement;
import org.tutti.signing.internal.wire.KeyAttestation;
import org.tutti.signing.session.Step;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// The messages of one attempt of a session, this node's and those it received, and the attempt's
/// cryptography.
final class Attempt implements AutoCloseable {
    final int number;
    final MusigRounds rounds;
    final Slots ready;
    final Slots nonces;
    final Slots partials;

    /// Each signer's NonceSet message, where it sent one.
    final @Nullable Statement[] nonceSets;

    /// How many retransmission requests of each member were answered.
    final int[] answers;

    /// The hash of the nonce set that this node signed for.
    Bytes nonceSetHash = Bytes.EMPTY;

    /// What waits for this node's user, and what the user has said yes to.
    @Nullable Step awaited;

    final Set<Step> taken = EnumSet.noneOf(Step.class);

    /// This node's NonceSet message, once it was sent.
    @Nullable Statement ownNonceSet;

    Attempt(int number, MusigRounds rounds, int members) {
        this.number = number;
        this.rounds = rounds;
        this.ready = new Slots(members);
        this.nonces = new Slots(members);
        this.partials = new Slots(members);
        this.nonceSets = new Statement[members];
        this.answers = new int[members];
    }

    /// One slot for each signer's message of one phase.
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
                    throw new IllegalStateException("a signer's message is missing");
                }
                all.add(statement);
            }
            return all;
        }

        /// The envelopes of all, in signer order; only when full.
        List<Bytes> envelopes() {
            return all().stream().map(Statement::envelope).toList();
        }
    }

    /// Of all signers, in their order; only when all are ready.
    List<KeyAttestation> attestations() {
        List<KeyAttestation> attestations = new ArrayList<>();
        for (Statement statement : ready.all()) {
            if (statement.contribution().body() instanceof Contribution.Ready body) {
                attestations.add(body.attestation());
            }
        }
        return attestations;
    }

    Slots slots(Contribution.Phase phase) {
        return switch (phase) {
            case READY -> ready;
            case NONCES -> nonces;
            case PARTIALS -> partials;
        };
    }

    /// SAFETY 2: wipes the secret nonces that were not spent.
    @Override
    public void close() {
        rounds.close();
    }
}
