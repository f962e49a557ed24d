package org.tutti.libp2p.internal.pubsub;

import org.tutti.base.Bytes;
import org.tutti.libp2p.pubsub.Message;

import java.util.List;

/// One `RPC` (libp2p/specs pubsub/README.md, "The RPC"): immutable, so that one object can go to
/// many peers.
public record Rpc(
        List<SubscriptionChange> subscriptions, List<IdentifiedMessage> messages, Control control) {
    public static Rpc message(Bytes id, Message message) {
        return new Rpc(List.of(), List.of(new IdentifiedMessage(id, message)), Control.NONE);
    }

    public static Rpc subscriptions(List<SubscriptionChange> changes) {
        return new Rpc(changes, List.of(), Control.NONE);
    }

    public static Rpc control(Control control) {
        return new Rpc(List.of(), List.of(), control);
    }

    public static Rpc ihave(List<Control.Ihave> ihaves) {
        return control(new Control(ihaves, List.of(), List.of(), List.of(), List.of()));
    }

    public static Rpc iwant(List<Bytes> ids) {
        return control(new Control(List.of(), ids, List.of(), List.of(), List.of()));
    }

    public static Rpc idontwant(List<Bytes> ids) {
        return control(new Control(List.of(), List.of(), List.of(), List.of(), ids));
    }

    public static Rpc mesh(List<String> grafts, List<Control.Prune> prunes) {
        return control(new Control(List.of(), List.of(), grafts, prunes, List.of()));
    }
}
