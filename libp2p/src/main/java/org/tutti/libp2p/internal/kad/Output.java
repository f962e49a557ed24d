package org.tutti.libp2p.internal.kad;

import org.tutti.libp2p.identity.PeerId;

/// What the engine wants done. The driver, or a simulation, does it in order.
public sealed interface Output {
    /// Send a request, dialling first if need be, and report `responded` or `failed` with its
    /// number; `written` for an `AddProvider`, which has no response, and into which the driver
    /// puts our own addresses. The engine keeps the time, and gives up with `Cancel`.
    record Send(long number, Contact to, Request request) implements Output {}

    /// Connect to a peer at these addresses, and report `dialled` with its number: whether a peer
    /// that others spoke of is there.
    record Dial(long number, Contact to) implements Output {}

    /// Give up a request or a dial: its time is over. Nothing needs to be reported of it any more.
    record Cancel(long number) implements Output {}

    /// An operation has ended.
    record Finished(long operation, Outcome outcome) implements Output {}

    /// A peer misbehaved.
    ///
    /// @param code what it did, such as `KAD_INVALID_VALUE`
    /// @param points how bad it is, positive
    record Penalize(PeerId peer, String code, double points) implements Output {}

    /// A peer came into the routing table.
    record Added(PeerId peer) implements Output {}

    /// A peer left it.
    record Removed(PeerId peer) implements Output {}
}
