package org.tutti.signing.internal.engine;

import org.tutti.base.Bytes;
import org.tutti.libp2p.identity.PeerId;
import org.tutti.signing.group.SignerGroup;
import org.tutti.signing.internal.wire.EnvelopeVerifier;
import org.tutti.signing.internal.wire.GroupTable;
import org.tutti.signing.internal.wire.HonestMessages;
import org.tutti.signing.internal.wire.Inbound;
import org.tutti.signing.internal.wire.WireException;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What is said in a world, opened once, however many receive it.
final class WorldMessages implements GroupTable {
    /// Of so many messages of engines one is verified.
    private static final int SAMPLED = 32;

    private final World world;
    private final EnvelopeVerifier envelopeVerifier;
    private final Map<Bytes, EngineInput> opened = new HashMap<>();

    WorldMessages(World world) {
        this.world = world;
        this.envelopeVerifier = new EnvelopeVerifier(this, world.limits);
    }

    @Override
    public Optional<SignerGroup> find(Bytes id) {
        return world.groups.stream()
                .map(group -> group.signers)
                .filter(signers -> signers.id().equals(id))
                .findFirst();
    }

    @Override
    public boolean hasMember(PeerId peer) {
        return world.groups.stream().anyMatch(group -> group.signers.member(peer).isPresent());
    }

    /// A message of anybody.
    EngineInput open(Bytes envelope) {
        return opened.computeIfAbsent(envelope, this::verify);
    }

    /// What a node's own engine sends, the same program on all: some are verified all the same.
    EngineInput openOfEngine(WorldNode from, Bytes envelope) {
        EngineInput known = opened.get(envelope);
        if (known == null) {
            boolean sampled = envelope.get(envelope.length() - 1) % SAMPLED == 0;
            known = sampled ? verify(envelope) : decode(from, envelope);
            opened.put(envelope, known);
        }
        return known;
    }

    private EngineInput decode(WorldNode from, Bytes envelope) {
        return HonestMessages.decode(
                        from.group.signers, from.member, envelope, world.limits, this::statement)
                .<EngineInput>map(this::received)
                .orElseGet(() -> verify(envelope));
    }

    private Optional<Inbound.Statement> statement(Bytes envelope) {
        return open(envelope) instanceof EngineInput.Received(Inbound.Statement statement)
                ? Optional.of(statement)
                : Optional.empty();
    }

    private EngineInput verify(Bytes envelope) {
        try {
            return received(envelopeVerifier.verify(envelope));
        } catch (WireException e) {
            return new EngineInput.Rejected(0, e.reason());
        }
    }

    private EngineInput received(Inbound message) {
        if (message instanceof Inbound.Statement statement) {
            world.group(statement.group()).adversary.hear(statement);
        }
        return new EngineInput.Received(message);
    }
}
