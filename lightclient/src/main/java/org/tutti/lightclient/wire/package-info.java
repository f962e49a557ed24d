/// The Bitcoin peer-to-peer wire, version 1 (unencrypted): messages, their bytes, and frames around
/// them.
///
/// Spec: the protocol documentation of Bitcoin Core (`src/protocol.h`), BIP14, BIP31, BIP60, BIP61,
/// BIP130, BIP133, BIP144, BIP155. A message that we do not read is kept as
/// [P2pMessage.Unknown][org.tutti.lightclient.wire.P2pMessage.Unknown]: it never closes a
/// connection. Bytes that are wrong do: every failure is a
/// [WireException][org.tutti.lightclient.wire.WireException] with a code, and nothing larger than
/// its bound is ever allocated.
///
/// Start reading at [P2pMessage][org.tutti.lightclient.wire.P2pMessage], then
/// [FrameCodec][org.tutti.lightclient.wire.FrameCodec].
@NullMarked
package org.tutti.lightclient.wire;

import org.jspecify.annotations.NullMarked;
