package org.tutti.node.api;

import java.util.List;

/// The payments that a node knows, newest first, a bounded number.
public record Payments(List<NodeStatus.Payment> payments) {
    public Payments {
        payments = List.copyOf(payments);
    }
}
