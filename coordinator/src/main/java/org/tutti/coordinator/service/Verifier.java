package org.tutti.coordinator.service;

import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.Consent;
import org.tutti.coordinator.message.Contact;
import org.tutti.coordinator.message.Held;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.Join;
import org.tutti.coordinator.message.Leave;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.Proposal;
import org.tutti.coordinator.message.Reachable;
import org.tutti.coordinator.message.Refusal;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.Retirement;
import org.tutti.coordinator.message.Seal;
import org.tutti.coordinator.message.Statement;
import org.tutti.coordinator.message.Succession;
import org.tutti.coordinator.message.Withdrawal;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.peerscore.PeerScores;
import org.tutti.musig.keys.PublicKey;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// Reads statements on the threads that they arrive on, verifying each once however often it comes,
/// and holds hostile ones against whoever sent them.
final class Verifier {
    /// How many verified statements are remembered.
    private static final int REMEMBERED = 8_192;

    /// And how many requests that are not longer than [#SHORT]: the same comes over streams and by
    /// gossip, and to gossip twice.
    private static final int REMEMBERED_REQUESTS = 256;

    /// As long as other statements may be: what is remembered takes a few mebibytes at most.
    private static final int SHORT = 4_096;

    private final StatementReader reader;
    private final InstantSource clock;
    private final Bans bans;
    private final BoundedMap<Bytes, Statement> known = new BoundedMap<>(REMEMBERED);
    private final BoundedMap<Bytes, Statement> requests = new BoundedMap<>(REMEMBERED_REQUESTS);

    Verifier(StatementReader reader, InstantSource clock, PeerScores scores) {
        this(reader, clock, new Bans(scores));
    }

    Verifier(StatementReader reader, InstantSource clock, Bans bans) {
        this.reader = reader;
        this.clock = clock;
        this.bans = bans;
    }

    /// Whoever has done this too often is not listened to.
    boolean isBanned(PeerId peer) {
        return bans.isBanned(peer);
    }

    /// @throws MessageException also for those that were verified, if they count no longer
    Statement read(Bytes envelope, PeerId from) throws MessageException {
        return readIf(envelope, from, _ -> true).orElseThrow();
    }

    Optional<Statement> readIf(Bytes envelope, PeerId from, Predicate<? super Statement> wanted)
            throws MessageException {
        synchronized (known) {
            Statement statement = known.get(envelope);
            if (statement == null && envelope.length() <= SHORT) {
                statement = requests.get(envelope);
            }
            if (statement != null) {
                if (!statement.header().notAfter().isAfter(clock.instant())) {
                    throw new MessageException(Code.EXPIRED, "a statement that counts no longer");
                }
                return Optional.of(statement).filter(wanted);
            }
        }
        try {
            Optional<Statement> statement = reader.readIf(envelope, clock.instant(), wanted);
            statement.ifPresent(read -> remember(envelope, read));
            return statement;
        } catch (MessageException e) {
            punish(from, e);
            throw e;
        }
    }

    /// @param statement what the reader made of the envelope
    void remember(Bytes envelope, Statement statement) {
        synchronized (known) {
            switch (statement) {
                case Invitation _, Proposal _ -> {
                    if (envelope.length() <= SHORT) {
                        requests.put(envelope, statement);
                    }
                }
                case Advert _ -> {
                    // Kept where it belongs.
                }
                case Contact _,
                        Join _,
                        Refusal _,
                        Withdrawal _,
                        Retirement _,
                        Consent _,
                        Seal _,
                        Held _,
                        Leave _,
                        Succession _ ->
                        known.put(envelope, statement);
            }
        }
    }

    void punish(PeerId from, MessageException e) {
        if (e.isHostile()) {
            bans.punish(from, "COORDINATOR_" + e.code());
        }
    }

    /// What is said about a request by its signers, and whom they speak through. Whatever else is
    /// among it costs no signature; one that has expired on the way, or that is hostile, takes
    /// nothing from the others.
    List<Statement> readAll(List<Bytes> envelopes, Invitation request, PeerId from) {
        Set<PublicKey> keys = Set.copyOf(request.keys());
        return readAll(envelopes, statement -> isAbout(statement, request.id(), keys), from);
    }

    /// The same of what members say about a proposal.
    List<Statement> readAll(List<Bytes> envelopes, Proposal proposal, PeerId from) {
        return readAll(envelopes, proposal::admits, from);
    }

    private List<Statement> readAll(
            List<Bytes> envelopes, Predicate<? super Statement> wanted, PeerId from) {
        List<Statement> all = new ArrayList<>();
        for (Bytes envelope : envelopes) {
            if (isBanned(from)) {
                break;
            }
            try {
                readIf(envelope, from, wanted).ifPresent(all::add);
            } catch (MessageException e) {
                // It was held against its sender.
            }
        }
        return all;
    }

    private static boolean isAbout(Statement statement, RequestId request, Set<PublicKey> keys) {
        return keys.contains(statement.header().key())
                && (statement instanceof Reachable
                        || statement
                                .header()
                                .subject()
                                .filter(request.bytes()::equals)
                                .isPresent());
    }
}
