package org.tutti.testkit.kad;

import org.tutti.libp2p.internal.kad.Contact;
import org.tutti.libp2p.internal.kad.EngineConfig;
import org.tutti.libp2p.internal.kad.Key;
import org.tutti.libp2p.internal.kad.LocalRecords;
import org.tutti.libp2p.internal.kad.Request;
import org.tutti.libp2p.internal.kad.Response;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// One of many nodes of one attacker. It makes itself known as an honest node does, with the real
/// engine. It answers with its accomplices alone, those nearest to what is asked, says that it kept
/// what it was given, and keeps nothing.
final class SybilNode extends KadNode {
    private final Supplier<KeySpace> accomplices;
    private final int k;

    /// @param accomplices all of the attacker's nodes, this one included
    SybilNode(
            Contact self,
            Directory directory,
            EngineConfig config,
            LocalRecords records,
            RandomGenerator random,
            Supplier<KeySpace> accomplices) {
        super(self, directory, config, records, random);
        this.accomplices = accomplices;
        this.k = config.k();
    }

    @Override
    void answer(int peer, KadMessage.Ask ask) {
        List<Contact> closer = accomplices.get().closest(Key.of(ask.request().key()), k);
        Optional<Response> response =
                switch (ask.request()) {
                    case Request.FindNode _ -> Optional.of(new Response.Closer(closer));
                    case Request.GetValue _ ->
                            Optional.of(new Response.Found(Optional.empty(), closer));
                    case Request.PutValue put -> Optional.of(new Response.Stored(put.value()));
                    case Request.GetProviders _ ->
                            Optional.of(new Response.Providers(List.of(), closer));
                    case Request.AddProvider _ -> Optional.empty();
                    case Request.Ping _ -> Optional.of(new Response.Pong());
                };
        response.ifPresent(r -> reply(peer, new KadMessage.Reply(ask.id(), r)));
    }
}
