/// A Bitcoin light client that trusts no peer. This package is empty; its subpackages are, lowest
/// first:
///
/// - `wire`: messages and frames of the P2P protocol
/// - `connection`: one connection to a peer, its handshake, and why it ended
/// - `peers`: where peers listen, and what an engine wants done with them
/// - `headers`: the chain of headers
/// - `proof`: whether others' proofs hold in it
/// - `broadcast`: handing transactions to the network
/// - `sync`: following the chain
///
/// The entry point is [LightClient][org.tutti.lightclient.sync.LightClient].
@NullMarked
package org.tutti.lightclient;

import org.jspecify.annotations.NullMarked;
