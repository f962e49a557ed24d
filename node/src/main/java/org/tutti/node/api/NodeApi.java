package org.tutti.node.api;

/// What a running node can be asked. Implemented by the node itself, and by clients that reach it
/// in another process.
///
/// Threads: any number at once.
public interface NodeApi {
    /// The group's address and keys.
    AddressInfo address() throws ApiException;

    /// What the node knows: members, chain, coins, payments.
    NodeStatus status() throws ApiException;

    /// Asks the group to sign a payment. Returns when it is signed, which may take minutes;
    /// checking and broadcasting follow by themselves.
    ///
    /// @throws ApiException if the request makes no sense, the wallet cannot pay it, or the group
    ///   does not sign it
    PaymentResult pay(PayRequest request) throws ApiException;
}
