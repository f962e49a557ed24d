package org.tutti.coordinator.service;

import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.message.Advert;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.Reachable;
import org.tutti.coordinator.message.RequestId;
import org.tutti.coordinator.message.Statement;
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

    /// What one hostile statement costs its sender: ten are as bad as a score can be.
    private static final double PENALTY = PeerScores.MAX_PENALTY / 10;

    private final StatementReader reader;
    private final InstantSource clock;
    private final PeerScores scores;
    private final BoundedMap<Bytes, Statement> known = new BoundedMap<>(REMEMBERED);

    Verifier(StatementReader reader, InstantSource clock, PeerScores scores) {
        this.reader = reader;
        this.clock = clock;
        this.scores = scores;
    }

    /// Whoever has done this too often is not listened to.
    boolean isBanned(PeerId peer) {
        return scores.score(peer) <= -PeerScores.MAX_PENALTY * 0.95;
    }

    /// @throws MessageException also for those that were verified, if they count no longer
    Statement read(Bytes envelope, PeerId from) throws MessageException {
        return readIf(envelope, from, _ -> true).orElseThrow();
    }

    Optional<Statement> readIf(Bytes envelope, PeerId from, Predicate<? super Statement> wanted)
            throws MessageException {
        synchronized (known) {
            Statement statement = known.get(envelope);
            if (statement != null) {
                if (!statement.header().notAfter().isAfter(clock.instant())) {
                    throw new MessageException(Code.EXPIRED, "a statement that counts no longer");
                }
                return Optional.of(statement).filter(wanted);
            }
        }
        try {
            Optional<Statement> statement = reader.readIf(envelope, clock.instant(), wanted);
            // Requests and adverts are long, and kept where they belong.
            if (statement.isPresent()
                    && !(statement.get() instanceof Invitation)
                    && !(statement.get() instanceof Advert)) {
                synchronized (known) {
                    known.put(envelope, statement.get());
                }
            }
            return statement;
        } catch (MessageException e) {
            punish(from, e);
            throw e;
        }
    }

    void punish(PeerId from, MessageException e) {
        if (e.isHostile()) {
            scores.penalize(from, "COORDINATOR_" + e.code(), PENALTY);
        }
    }

    /// What is said about a request by its signers, and whom they speak through. Whatever else is
    /// among it costs no signature; one that has expired on the way, or that is hostile, takes
    /// nothing from the others.
    List<Statement> readAll(List<Bytes> envelopes, Invitation request, PeerId from) {
        Set<PublicKey> keys = Set.copyOf(request.keys());
        List<Statement> all = new ArrayList<>();
        for (Bytes envelope : envelopes) {
            if (isBanned(from)) {
                break;
            }
            try {
                readIf(envelope, from, statement -> isAbout(statement, request.id(), keys))
                        .ifPresent(all::add);
            } catch (MessageException e) {
                // It was held against its sender.
            }
        }
        return all;
    }

    private static boolean isAbout(Statement statement, RequestId request, Set<PublicKey> keys) {
        return keys.contains(statement.header().key())
                && (statement instanceof Reachable
                        || statement.header().subject().filter(request::equals).isPresent());
    }
}
