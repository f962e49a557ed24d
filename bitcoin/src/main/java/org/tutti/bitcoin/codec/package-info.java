/// Reading and writing Bitcoin's serialisation, strictly and within bounds.
///
/// Spec: the "protocol documentation" of the P2P network as Bitcoin Core implements it
/// (`serialize.h`), BIP144. Every count is checked against the bytes that are left before anything
/// is allocated. Start reading at [org.tutti.bitcoin.codec.WireReader].
@NullMarked
package org.tutti.bitcoin.codec;

import org.jspecify.annotations.NullMarked;
