package org.tutti.coordinator.service;

import org.tutti.base.BoundedMap;
import org.tutti.base.Bytes;
import org.tutti.coordinator.internal.wire.StatementReader;
import org.tutti.coordinator.message.Invitation;
import org.tutti.coordinator.message.MessageException;
import org.tutti.coordinator.message.MessageException.Code;
import org.tutti.coordinator.message.Statement;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.libp2p.peerscore.PeerScores;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

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
        synchronized (known) {
            Statement statement = known.get(envelope);
            if (statement != null) {
                if (!statement.header().notAfter().isAfter(clock.instant())) {
                    throw new MessageException(Code.EXPIRED, "a statement that counts no longer");
                }
                return statement;
            }
        }
        try {
            Statement statement = reader.read(envelope, clock.instant());
            if (!(statement instanceof Invitation)) {
                synchronized (known) {
                    known.put(envelope, statement);
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

    /// Those that are worth something. One that has expired on the way, or that is hostile, takes
    /// nothing from the others.
    List<Statement> readAll(List<Bytes> envelopes, PeerId from) {
        List<Statement> all = new ArrayList<>();
        for (Bytes envelope : envelopes) {
            if (isBanned(from)) {
                break;
            }
            try {
                all.add(read(envelope, from));
            } catch (MessageException e) {
                // It was held against its sender.
            }
        }
        return all;
    }
}
