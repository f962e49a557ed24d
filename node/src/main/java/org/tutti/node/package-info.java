/// A signing node as a library: configuration, keys, what a running node is asked, and the daemon
/// that wires it.
///
/// To embed a node, read its configuration with [org.tutti.node.config.ConfigReader], make its keys
/// once with [org.tutti.node.keystore.KeyStore], start it with [org.tutti.node.daemon.Node], listen
/// to its [events][org.tutti.node.events.NodeEvent], and ask it through
/// [org.tutti.node.api.NodeApi].
@NullMarked
package org.tutti.node;

import org.jspecify.annotations.NullMarked;
