package org.tutti.app.p2p;

import org.jspecify.annotations.Nullable;
import org.tutti.libp2p.identify.Identified;
import org.tutti.libp2p.peerstore.PeerInfo;
import org.tutti.libp2p.swarm.HostEvent;
import org.tutti.libp2p.swarm.StreamRefused;
import org.tutti.libp2p.swarm.SwarmEvent;

import java.util.Map;

/// What a host tells, as `./tutti p2p listen` prints it.
final class ListenEvents {
    private final ListenOutput output;

    ListenEvents(ListenOutput output) {
        this.output = output;
    }

    void report(HostEvent event) {
        Map<String, @Nullable Object> fields = PeerOptions.fields();
        switch (event) {
            case SwarmEvent.ConnectionOpened opened -> {
                fields.put("event", "connected");
                fields.put("peerId", opened.peer());
                fields.put("remoteAddress", opened.remoteAddress());
                fields.put("outbound", opened.outbound());
                fields.put("connection", opened.connectionId());
                output.print(fields, "connected " + opened.peer() + " " + opened.remoteAddress());
            }
            case SwarmEvent.ConnectionClosed closed -> {
                fields.put("event", "closed");
                fields.put("peerId", closed.peer());
                fields.put("remoteAddress", closed.remoteAddress());
                fields.put("connection", closed.connectionId());
                fields.put("reason", closed.reason());
                output.print(fields, "closed " + closed.peer() + ": " + closed.reason());
            }
            case Identified identified -> {
                PeerInfo info = identified.info();
                fields.put("event", "identified");
                Identities.describe(fields, info);
                output.print(fields, "identified " + info.peer() + " " + info.agentVersion());
            }
            case SwarmEvent.InboundRefused refused -> {
                fields.put("event", "refused");
                fields.put("remoteAddress", refused.remoteAddress());
                fields.put("reason", refused.code());
                fields.put("message", refused.detail());
                output.print(
                        fields, "refused " + refused.remoteAddress() + ": " + refused.detail());
            }
            case StreamRefused refused -> {
                fields.put("event", "refused");
                fields.put("peerId", refused.peer());
                fields.put("connection", refused.connectionId());
                fields.put("protocol", refused.protocol());
                fields.put("reason", refused.reason());
                output.print(
                        fields, "refused a stream of " + refused.peer() + ": " + refused.reason());
            }
            case SwarmEvent.EventsDropped dropped -> {
                fields.put("event", "events-dropped");
                fields.put("count", dropped.count());
                output.print(fields, dropped.count() + " events were not told");
            }
            // Other protocols may tell other things.
            default -> {}
        }
    }
}
