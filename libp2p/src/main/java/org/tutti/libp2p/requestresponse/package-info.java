/// One request, one response, on a stream of its own: what most protocols that programs invent
/// need. Start reading at `RequestResponse`.
///
/// libp2p has no spec for it. The concept and its bounds are those of rust-libp2p's
/// `request_response`, whose codec is up to its user: [Framing] says which ones we meet.
@NullMarked
package org.tutti.libp2p.requestresponse;

import org.jspecify.annotations.NullMarked;
