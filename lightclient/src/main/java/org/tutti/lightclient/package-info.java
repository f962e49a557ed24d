/// A Bitcoin light client that trusts no peer. This package is empty; its rooms are:
///
/// - `wire`: messages and frames of the P2P protocol
/// - `peers`: one connection, its handshake, its faults
/// - `headers`: the chain of headers
/// - `sync`: following the chain; the front door is
///   [LightClient][org.tutti.lightclient.sync.LightClient]
/// - `broadcast`: handing transactions to the network
@NullMarked
package org.tutti.lightclient;

import org.jspecify.annotations.NullMarked;
