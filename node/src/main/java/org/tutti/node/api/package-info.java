/// What a running node can be asked: the use cases as records behind one interface. Start reading
/// at [org.tutti.node.api.NodeApi].
///
/// Ways to reach a node from outside, such as its control socket, are thin shells over it: they
/// decode a request into its record, call, and encode the answer. The names of the records'
/// components are the names of the JSON fields.
@NullMarked
package org.tutti.node.api;

import org.jspecify.annotations.NullMarked;
