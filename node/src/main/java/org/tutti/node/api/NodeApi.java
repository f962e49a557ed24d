package org.tutti.node.api;

/// What a running node can be asked. Implemented by the node itself, and by clients that reach it
/// in another process.
///
/// Threads: any number at once.
public interface NodeApi extends GroupApi, RequestApi, GroupsApi, SignerApi {
    /// What the node knows: chain, members, coins, payments, requests.
    NodeStatus status() throws ApiException;
}
